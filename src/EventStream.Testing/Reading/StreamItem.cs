namespace EventStream.Testing.Reading;

/// <summary>An item of a stream. A test reads the items in the order of their arrival.</summary>
internal abstract record StreamItem
{
    /// <summary>The headers of a connection have arrived.</summary>
    public sealed record Opened : StreamItem;

    /// <summary>An event.</summary>
    public sealed record Event(TestEvent Value) : StreamItem;

    /// <summary>The text after the colon of a comment line.</summary>
    public sealed record Comment(string Text) : StreamItem;

    /// <summary>A new reconnection time.</summary>
    public sealed record Retry(TimeSpan Value) : StreamItem;

    /// <summary>A new position without an event.</summary>
    public sealed record Position(string Id) : StreamItem;

    /// <summary>The connection has ended.</summary>
    /// <param name="Fault">The exception that cut it; null if it ended cleanly.</param>
    /// <param name="IsUnfinished">Whether an event without its blank line was discarded.</param>
    public sealed record End(Exception? Fault, bool IsUnfinished) : StreamItem;

    /// <summary>The answer was not a stream, or there was none. Nothing follows.</summary>
    /// <param name="Fault">Why there was no answer; null if there was one.</param>
    public sealed record Refusal(Exception? Fault = null) : StreamItem;
}
