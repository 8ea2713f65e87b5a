namespace EventStream.Conformance.Tests.Requests;

/// <summary>All rows, from the files in <c>Rows</c>.</summary>
internal static class RequestTable
{
    public static IReadOnlyList<RequestRow> Rows { get; } = [.. Files().SelectMany(file => Read(File.ReadLines(file)))];

    /// <summary>The rows that are for all readers, or for one of <paramref name="names"/>.</summary>
    public static IReadOnlyList<RequestRow> RowsFor(params string[] names) =>
        [.. Rows.Where(row => row.Readers.Count == 0 || row.Readers.Intersect(names).Any())];

    private static IEnumerable<RequestRow> Read(IEnumerable<string> lines)
    {
        List<WrittenRequestRow> written = [];
        foreach (var line in lines.Where(line => line.Length > 0 && !line.StartsWith('#')))
        {
            if (line.Split(' ', 2, StringSplitOptions.TrimEntries) is not [var word, var value])
            {
                throw new FormatException($"A word and what belongs to it should stand here: {line}");
            }

            if (word == "row") written.Add(new(value));
            else written[^1].Add(word, value);
        }

        return written.Select(row => row.ToRow());
    }

    private static IEnumerable<string> Files() =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Requests", "Rows"), "*.txt").Order(StringComparer.Ordinal);
}
