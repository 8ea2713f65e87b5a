using EventStream.Client.Parsing;
using EventStream.Client.Reading;

namespace EventStream.Conformance.Tests.Parsing;

/// <summary>The client's parser without a connection, so that the chunks it gets are exactly these.</summary>
internal static class ClientParserReader
{
    private const int MostBytes = 16 * 1024 * 1024;

    public static Outcome Read(IEnumerable<byte[]> chunks)
    {
        var source = new SourceState("", TimeSpan.FromMilliseconds(Wait.Default));
        using var parser = new EventParser(source, MostBytes);
        List<Received> events = [];
        foreach (var chunk in chunks)
        {
            for (var rest = chunk.AsMemory(); !rest.IsEmpty;)
            {
                var memory = parser.GetMemory();
                var length = Math.Min(rest.Length, memory.Length);
                rest[..length].CopyTo(memory);
                parser.Advance(length);
                rest = rest[length..];
                while (parser.Read())
                {
                    TextEvents.Instance.TryTake(parser, gap: null, out var received);
                    events.Add(new(received.Event, received.Data, received.LastEventId));
                }
            }
        }

        return new(events, source.LastEventId.Trim(' ', '\t'), WaitOf(source.ReconnectionTime), parser.IsInsideEvent);
    }

    // The parser counts no further than to the longest delay of a timer.
    private static Wait WaitOf(TimeSpan time) =>
        new((ulong)time.TotalMilliseconds, time.TotalMilliseconds >= int.MaxValue ? ulong.MaxValue : (ulong)time.TotalMilliseconds);
}
