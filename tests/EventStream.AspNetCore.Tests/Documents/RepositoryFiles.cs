namespace EventStream.AspNetCore.Tests.Documents;

/// <summary>The files that people wrote, without what builds and restores leave beside them.</summary>
internal static class RepositoryFiles
{
    private static readonly string[] Made = ["bin", "obj", "artifacts", "node_modules", "_site", "TestResults", "lib"];

    /// <summary>The paths of all files below a folder, from the repository's root and with slashes.</summary>
    /// <param name="folder">The folder; empty for the root.</param>
    public static IEnumerable<string> Below(string folder = "")
    {
        var directory = new DirectoryInfo(Infrastructure.Repository.PathOf(folder));
        foreach (var file in directory.EnumerateFiles()) yield return Join(folder, file.Name);
        foreach (var child in directory.EnumerateDirectories().Where(IsWritten))
        {
            foreach (var path in Below(Join(folder, child.Name))) yield return path;
        }
    }

    /// <summary>The Markdown pages, of the whole repository.</summary>
    public static IEnumerable<string> Pages() => Below().Where(path => path.EndsWith(".md", StringComparison.Ordinal));

    private static bool IsWritten(DirectoryInfo folder) =>
        folder.Name == ".github" || (!folder.Name.StartsWith('.') && !Made.Contains(folder.Name));

    private static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";
}
