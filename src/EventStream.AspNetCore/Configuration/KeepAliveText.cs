namespace EventStream.AspNetCore.Configuration;

/// <summary>Converts <c>Comment</c>, <c>CommentAndBlankLine</c> or <c>Event(ping)</c> to a keep-alive.</summary>
internal sealed class KeepAliveText : OptionText
{
    /// <summary>Reads a keep-alive.</summary>
    /// <exception cref="FormatException">The text is not a keep-alive.</exception>
    public static EventStreamKeepAlive Read(string text)
    {
        if (Is(text, nameof(EventStreamKeepAlive.Comment))) return EventStreamKeepAlive.Comment;
        if (Is(text, nameof(EventStreamKeepAlive.CommentAndBlankLine))) return EventStreamKeepAlive.CommentAndBlankLine;
        if (Argument(text, nameof(EventStreamKeepAlive.Event)) is { } name) return EventStreamKeepAlive.Event(name);
        throw new FormatException($"A keep-alive is Comment, CommentAndBlankLine or Event(name), such as Event(ping). It is not '{text}'.");
    }

    protected override object Parse(string text) => Read(text);
}
