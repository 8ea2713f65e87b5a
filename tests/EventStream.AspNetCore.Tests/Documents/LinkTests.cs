using System.Text.RegularExpressions;
using System.Xml.Linq;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Documents;

/// <summary>No link of a page, and no page that code or a comment names, is missing.</summary>
public sealed partial class LinkTests
{
    private static readonly string[] Folders = ["src", "tests", "samples", "tools", "benchmarks", ".github"];
    private static readonly string[] Binary = [".png", ".ico", ".snk", ".db"];

    [Fact(Timeout = 30_000)]
    public async Task Links_OfEachPage_LeadToAFileAndAHeading()
    {
        var check = new LinkCheck();
        var pages = RepositoryFiles.Pages().ToArray();

        pages.Should().Contain("README.md").And.Contain("docs/architecture.md").And.Contain("src/EventStream.Client/README.md");
        pages.SelectMany(page => check.DeadLinksOf(page).Select(link => $"{page}: {link}")).Should().BeEmpty();
    }

    // A package's page is shown without the repository around it.
    [Fact(Timeout = 30_000)]
    public async Task Links_OfThePageOfAPackage_AreAbsolute()
    {
        var check = new LinkCheck();
        var pages = PagesOfPackages().ToArray();

        pages.Should().Contain("src/EventStream.AspNetCore/README.md")
            .And.Contain(page => page.StartsWith("tools/", StringComparison.Ordinal));
        pages.SelectMany(page => check.RelativeLinksOf(page).Select(link => $"{page}: {link}")).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Pages_ThatCodeNames_Exist()
    {
        var names = Folders.SelectMany(RepositoryFiles.Below)
            .Where(file => !Binary.Contains(Path.GetExtension(file)))
            .SelectMany(file => NamedPage().Matches(File.ReadAllText(Repository.PathOf(file)))
                .Select(match => (File: file, Page: match.Value)))
            .ToArray();

        names.Should().NotBeEmpty();
        names.Where(name => !File.Exists(Repository.PathOf(name.Page))).Should().BeEmpty();
    }

    // Pages that a project packs: the folder's own README.md, unless the project names another.
    private static IEnumerable<string> PagesOfPackages() =>
        from project in RepositoryFiles.Below("src").Concat(RepositoryFiles.Below("tools"))
        where project.EndsWith(".csproj", StringComparison.Ordinal)
        let folder = Path.GetDirectoryName(project)!
        let packed = XDocument.Load(Repository.PathOf(project)).Descendants("None").Attributes("Include")
            .Select(include => include.Value)
            .Where(include => include.EndsWith(".md", StringComparison.Ordinal))
            .FirstOrDefault("README.md")
        let page = Path.GetRelativePath(Repository.PathOf(), Repository.PathOf(folder, packed)).Replace('\\', '/')
        where File.Exists(Repository.PathOf(page))
        select page;

    [GeneratedRegex(@"\bdocs/[\w./-]+\.md\b")]
    private static partial Regex NamedPage();
}
