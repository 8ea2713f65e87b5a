using EventStream.Testing;

namespace EventStream.Conformance.Tests.Parsing;

/// <summary>The first reader: the reference parser, which is the standard's own steps.</summary>
internal static class ReferenceReader
{
    public static Outcome Read(IEnumerable<byte[]> chunks)
    {
        var parser = new ReferenceParser();
        foreach (var chunk in chunks) parser.Read(chunk);
        return new(
            [.. parser.Events.Select(received => new Received(received.Event, received.Data, received.LastEventId))],
            parser.LastEventId.Trim(' ', '\t'),
            WaitOf(parser.Retry),
            parser.IsInsideEvent);
    }

    // A TimeSpan counts no further than this.
    private static Wait WaitOf(TimeSpan? retry) => retry switch
    {
        null => Wait.Of(Wait.Default),
        { } longest when longest == TimeSpan.MaxValue => new((ulong)longest.TotalMilliseconds, ulong.MaxValue),
        { } time => Wait.Of((ulong)time.TotalMilliseconds),
    };
}
