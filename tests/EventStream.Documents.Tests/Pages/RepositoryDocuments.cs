namespace EventStream.Documents.Tests.Pages;

/// <summary>The documents of the repository, and the blocks in them that a browser runs.</summary>
internal static class RepositoryDocuments
{
    private static readonly string[] Scripts = ["js", "javascript"];

    public static IEnumerable<string> All() =>
        Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.PathOf(), path).Replace('\\', '/'))
            .Append("README.md");

    public static IEnumerable<BrowserBlock> BrowserBlocks(string document)
    {
        var (lines, program) = (File.ReadAllLines(Repository.PathOf(document)), default(string));
        for (var line = 0; line < lines.Length; line++)
        {
            if (!lines[line].StartsWith("```", StringComparison.Ordinal)) continue;
            var (first, language) = (line, lines[line][3..]);
            var end = Array.FindIndex(lines, line + 1, text => text.TrimEnd() == "```");
            var code = string.Join('\n', lines[(line + 1)..end]);
            line = end;
            if (language == "csharp" && code.Contains("WebApplication.CreateBuilder")) program = code;
            if (language == "html" || Scripts.Contains(language))
            {
                yield return new(document, first + 1, code, language != "html", first > 0 ? lines[first - 1] : "", program);
            }
        }
    }
}
