using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Documents;

/// <summary>Finds the links that lead nowhere. It reads each page once.</summary>
internal sealed class LinkCheck
{
    private readonly Dictionary<string, MarkdownPage> _pages = [];

    /// <summary>The links of a page whose file, folder or heading is not there.</summary>
    /// <param name="page">Its path from the repository's root.</param>
    public IEnumerable<string> DeadLinksOf(string page) => RelativeLinksOf(page).Where(link => !Exists(page, link));

    /// <summary>The links of a page that work only where the repository is around it.</summary>
    /// <param name="page">Its path from the repository's root.</param>
    public IEnumerable<string> RelativeLinksOf(string page) =>
        Page(page).Links.Where(link => !Uri.TryCreate(link, UriKind.Absolute, out var uri) || uri.IsFile);

    private bool Exists(string page, string link)
    {
        var (path, anchor) = link.IndexOf('#') is >= 0 and var at ? (link[..at], link[(at + 1)..]) : (link, null);
        var target = path.Length == 0 ? page : Normal(Path.Combine(Path.GetDirectoryName(page)!, Uri.UnescapeDataString(path)));
        if (!File.Exists(Repository.PathOf(target))) return anchor is null && Directory.Exists(Repository.PathOf(target));
        return anchor is null || (target.EndsWith(".md", StringComparison.Ordinal) && Page(target).Anchors.Contains(anchor));
    }

    private static string Normal(string path) => Path.GetRelativePath(Repository.PathOf(), Repository.PathOf(path)).Replace('\\', '/');

    private MarkdownPage Page(string path)
    {
        if (!_pages.TryGetValue(path, out var page)) _pages[path] = page = new(File.ReadAllText(Repository.PathOf(path)));
        return page;
    }
}
