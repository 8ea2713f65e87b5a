namespace EventStream.Documents.Tests.Pages;

/// <summary>The documents of the repository, and the blocks in them that a browser runs.</summary>
internal static class RepositoryDocuments
{
    private static readonly string[] Scripts = ["js", "javascript"];

    public static IEnumerable<string> All() =>
        RepositoryFiles.Pages().Where(path => path == "README.md" || path.StartsWith("docs/", StringComparison.Ordinal));

    public static IEnumerable<BrowserBlock> BrowserBlocks(string document)
    {
        string? program = null;
        foreach (var (language, code, line, comment) in new MarkdownPage(File.ReadAllText(Repository.PathOf(document))).Blocks)
        {
            if (language == "csharp" && code.Contains("WebApplication.CreateBuilder")) program = code;
            var isScript = Scripts.Contains(language);
            if (isScript || language == "html") yield return new(document, line, code, isScript, comment.Trim(), program);
        }
    }
}
