namespace EventStream.AspNetCore.Configuration;

/// <summary>Converts <c>Default</c> or <c>DataOnly</c> to a protocol.</summary>
internal sealed class ProtocolText : OptionText
{
    /// <summary>Reads a protocol.</summary>
    /// <exception cref="FormatException">The text is not the name of a protocol.</exception>
    public static EventStreamProtocol Read(string text)
    {
        if (Is(text, nameof(EventStreamProtocol.Default))) return EventStreamProtocol.Default;
        if (Is(text, nameof(EventStreamProtocol.DataOnly))) return EventStreamProtocol.DataOnly;
        throw new FormatException(
            $"A protocol is Default or DataOnly, or is given by its parts, such as \"IdOnlyFrames\". It is not '{text}'. "
            + "Set events in C#.");
    }

    protected override object Parse(string text) => Read(text);
}
