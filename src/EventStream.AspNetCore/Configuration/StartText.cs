using System.Globalization;

namespace EventStream.AspNetCore.Configuration;

/// <summary>Converts <c>Now</c>, <c>Oldest</c> or <c>Last(10)</c> to a start.</summary>
internal sealed class StartText : OptionText
{
    /// <summary>Reads a start.</summary>
    /// <exception cref="FormatException">The text is not a start.</exception>
    public static EventStreamStart Read(string text)
    {
        if (Is(text, nameof(EventStreamStart.Now))) return EventStreamStart.Now;
        if (Is(text, nameof(EventStreamStart.Oldest))) return EventStreamStart.Oldest;
        return int.TryParse(Argument(text, nameof(EventStreamStart.Last)), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? EventStreamStart.Last(count)
            : throw new FormatException($"A start is Now, Oldest or Last(n), such as Last(10). It is not '{text}'.");
    }

    protected override object Parse(string text) => Read(text);
}
