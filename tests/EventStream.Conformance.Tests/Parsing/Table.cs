namespace EventStream.Conformance.Tests.Parsing;

/// <summary>All rows, from the files in <c>Rows</c>.</summary>
internal static class Table
{
    private static readonly Lazy<ILookup<bool, Row>> All = new(
        () => Files().SelectMany(file => Read(File.ReadLines(file))).ToLookup(row => row.Chromium is not null));

    /// <summary>The table: what every reader reads in the same way.</summary>
    public static IReadOnlyList<Row> Rows { get; } = [.. All.Value[false]];

    /// <summary>Beside the table: what Chromium reads otherwise, by its own fault.</summary>
    public static IReadOnlyList<Row> FaultsOfChromium { get; } = [.. All.Value[true]];

    /// <summary>Reads rows in the notation that <c>Rows/README.md</c> describes.</summary>
    /// <exception cref="FormatException">A line is not in it.</exception>
    public static IEnumerable<Row> Read(IEnumerable<string> lines)
    {
        List<WrittenRow> written = [];
        foreach (var line in lines.Where(line => line.Length > 0 && !line.StartsWith('#')))
        {
            if (line.Split(' ', 2, StringSplitOptions.TrimEntries) is not [var word, var value])
            {
                throw new FormatException($"A word and what belongs to it should stand here: {line}");
            }

            if (word == "row") written.Add(new(value));
            else if (written.Count > 0) written[^1].Add(word, value);
            else throw new FormatException($"No row has begun yet: {line}");
        }

        return written.SelectMany(row => row.Rows());
    }

    private static IEnumerable<string> Files() =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Parsing", "Rows"), "*.txt").Order(StringComparer.Ordinal);
}
