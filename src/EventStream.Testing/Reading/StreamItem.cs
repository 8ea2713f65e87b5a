namespace EventStream.Testing.Reading;

/// <summary>What comes on a stream, one after another: it is read in the order in which it came.</summary>
internal abstract record StreamItem
{
    /// <summary>The headers of a connection were there.</summary>
    public sealed record Opened : StreamItem;

    /// <summary>An event.</summary>
    public sealed record Event(TestEvent Value) : StreamItem;

    /// <summary>The text after the colon of a comment line.</summary>
    public sealed record Comment(string Text) : StreamItem;

    /// <summary>A new time to wait before a reconnect.</summary>
    public sealed record Retry(TimeSpan Value) : StreamItem;

    /// <summary>A new position without an event.</summary>
    public sealed record Position(string Id) : StreamItem;

    /// <summary>The connection is over.</summary>
    /// <param name="Fault">What cut it; null if it ended cleanly.</param>
    /// <param name="IsUnfinished">Whether an event without its blank line was discarded.</param>
    public sealed record End(Exception? Fault, bool IsUnfinished) : StreamItem;

    /// <summary>The answer was no stream, and nothing follows.</summary>
    /// <param name="Fault">Why there was no answer at all; null if there was one.</param>
    public sealed record Refusal(Exception? Fault = null) : StreamItem;
}
