namespace EventStream.Conformance.Tests.Requests;

/// <summary>The differences between the table and one reader, said so that a reviewer finds the row.</summary>
internal static class ExchangeComparison
{
    public static IReadOnlyList<string> Differences(string reader, IEnumerable<RequestRow> rows, IEnumerable<Exchange> seen) =>
    [
        .. from pair in rows.Zip(seen)
           from difference in Differences(pair.First.Expected, pair.Second)
           select $"{reader}, row '{pair.First.Name}' ({pair.First.From}): {difference}",
    ];

    private static IEnumerable<string> Differences(Exchange expected, Exchange seen)
    {
        if (!expected.Asks.SequenceEqual(seen.Asks)) yield return $"it should ask {Lines(expected.Asks)}, but asked {Lines(seen.Asks)}";
        if (!expected.Events.SequenceEqual(seen.Events))
        {
            yield return $"it should hand out {Lines(expected.Events)}, but handed out {Lines(seen.Events)}";
        }

        if (seen.End is not null && seen.End != expected.End) yield return $"it should end {expected.End}, but ended {seen.End}";
    }

    private static string Lines<T>(IReadOnlyList<T> values) => values.Count switch
    {
        0 => "nothing",
        <= 5 => string.Join(", then ", values),
        _ => $"{string.Join(", then ", values.Take(5))}, and {values.Count - 5} more",
    };
}
