using System.Text.Json;

namespace EventStream.Conformance.Tests.Parsing;

/// <summary>The differences between the table and one reader, said so that a reviewer finds the row.</summary>
internal static class Comparison
{
    private const int Shown = 80;

    /// <summary>Compares what a reader made of each row with the table; empty if nothing differs.</summary>
    public static IReadOnlyList<string> Differences(string reader, IEnumerable<Row> rows, IEnumerable<Outcome> seen) =>
    [
        .. from pair in rows.Zip(seen)
           from difference in Differences(pair.First.Expected, pair.Second)
           select $"{reader}, row '{pair.First.Name}' ({pair.First.From}): {difference}",
    ];

    private static IEnumerable<string> Differences(Outcome expected, Outcome seen)
    {
        if (expected.Events.Count != seen.Events.Count)
        {
            yield return $"{expected.Events.Count} events expected, but there were {seen.Events.Count}";
        }

        foreach (var (index, (wanted, was)) in expected.Events.Zip(seen.Events).Index())
        {
            if (wanted == was) continue;
            yield return $"event {index + 1} should be {Text(wanted)}, but was {Text(was)}";
            break;
        }

        if (seen.Position is not null && seen.Position != expected.Position)
        {
            yield return $"the position should be {Text(expected.Position!)}, but was {Text(seen.Position)}";
        }

        if (seen.StopsInside is not null && seen.StopsInside != expected.StopsInside)
        {
            yield return $"it should {(expected.StopsInside is true ? "stop inside an event" : "end after whole events")}, but did not";
        }

        if (!seen.Wait.Contains(expected.Wait)) yield return $"the reconnection time should be {expected.Wait}, but was {seen.Wait}";
    }

    private static string Text(Received received) =>
        $"{Text(received.Data)} of type {Text(received.Type)} with id {Text(received.LastEventId)}";

    private static string Text(string value) => value.Length <= Shown
        ? JsonSerializer.Serialize(value)
        : $"{JsonSerializer.Serialize(value[..Shown])} and so on, {value.Length} characters";
}
