namespace EventStream.AspNetCore.Configuration;

/// <summary>From <c>Default</c> or <c>DataOnly</c> to a protocol.</summary>
internal sealed class ProtocolText : OptionText
{
    /// <summary>The value that the text stands for.</summary>
    /// <exception cref="FormatException">It stands for none.</exception>
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
