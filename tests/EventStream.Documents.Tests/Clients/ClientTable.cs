using System.Text.RegularExpressions;

namespace EventStream.Documents.Tests.Clients;

/// <summary>The table of the guide to JavaScript clients that says what each client does.</summary>
internal static partial class ClientTable
{
    public const string Document = "docs/guides/javascript-clients.md";

    private const string Heading = "| client |";

    /// <summary>The cells of each row by the name of its client, but for the first cell.</summary>
    public static IReadOnlyDictionary<string, string[]> Rows { get; } = File.ReadLines(Repository.PathOf(Document))
        .SkipWhile(line => !line.StartsWith(Heading, StringComparison.Ordinal))
        .Skip(2)
        .TakeWhile(line => line.StartsWith('|'))
        .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries))
        .ToDictionary(cells => Name().Match(cells[0]).Groups[1].Value, cells => cells[1..]);

    [GeneratedRegex("`(.+?)`")]
    private static partial Regex Name();
}
