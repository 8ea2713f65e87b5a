namespace EventStream.AspNetCore.Tests.Documents;

/// <summary>A page of the documents, by its headings and tables.</summary>
internal sealed class Page
{
    private readonly string[] _lines;

    private Page(string[] lines) => _lines = lines;

    public static Page Read(params string[] path) => new(File.ReadAllLines(Infrastructure.Repository.PathOf(["docs", .. path])));

    /// <summary>The rows of all tables from a heading up to the next one, without the rows above the dashes.</summary>
    /// <param name="heading">The whole line, such as <c>## Reasons</c>.</param>
    public IEnumerable<string[]> Rows(string heading)
    {
        var start = Array.IndexOf(_lines, heading);
        start.Should().BeGreaterThanOrEqualTo(0, "the page has the heading {0}", heading);
        return RowsOf(_lines.Skip(start + 1).TakeWhile(line => !line.StartsWith('#')));
    }

    /// <summary>The rows of all tables.</summary>
    public IEnumerable<string[]> Rows() => RowsOf(_lines);

    /// <summary>The texts between backticks.</summary>
    public static IEnumerable<string> Code(string cell) => cell.Split('`').Where((_, index) => index % 2 == 1);

    private static IEnumerable<string[]> RowsOf(IEnumerable<string> lines)
    {
        var inTable = false;
        foreach (var line in lines)
        {
            if (!line.StartsWith('|')) inTable = false;
            else if (line.StartsWith("| ---", StringComparison.Ordinal)) inTable = true;
            else if (inTable) yield return [.. line.Trim('|').Split('|').Select(cell => cell.Trim())];
        }
    }
}
