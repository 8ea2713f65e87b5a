using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace EventStream.AspNetCore.Wire;

/// <summary>What the fields of a message may hold. Checked once, when the message is made; the encoder relies on it.</summary>
internal static class EventFields
{
    private static readonly SearchValues<char> BreaksEventLine = SearchValues.Create("\r\n\0");

    public static string? CheckId(string? id)
    {
        if (id is null || IsId(id)) return id;
        if (id.Length > EventStreamId.MaxLength)
        {
            throw Invalid(
                nameof(EventStreamMessage.Id),
                $"An event id has at most {EventStreamId.MaxLength} characters, and this one has {id.Length}. "
                + "Send a shorter key, or a hash of it.");
        }

        var bad = UnsafeAt(id);
        if (bad >= 0)
        {
            throw Invalid(
                nameof(EventStreamMessage.Id),
                $"An event id is visible ASCII without spaces (U+0021 to U+007E), and this one has U+{(int)id[bad]:X4} at index {bad}. "
                + "EventStreamId.Encode makes any text safe.");
        }

        throw Invalid(
            nameof(EventStreamMessage.Id),
            $"An event id must not end in '{EndMark.Suffix}', which marks the end of a finished stream. "
            + "EventStreamId.Encode makes any text safe.");
    }

    /// <summary>Whether a client can send <paramref name="id"/> back, and it is not taken for the end of the stream.</summary>
    public static bool IsId(string id) => id.Length <= EventStreamId.MaxLength && UnsafeAt(id) < 0 && !EndMark.IsOn(id);

    /// <summary>Whether no line is to be written for the event <paramref name="name"/>.</summary>
    public static bool IsDefaultEvent([NotNullWhen(false)] string? name) => string.IsNullOrEmpty(name) || name == "message";

    /// <summary>The index of the first character that an id may not have; -1 if there is none.</summary>
    public static int UnsafeAt(ReadOnlySpan<char> id) => id.IndexOfAnyExceptInRange('!', '~');

    public static string? CheckEvent(string? name)
    {
        if (IsDefaultEvent(name)) return name;
        var bad = name.AsSpan().IndexOfAny(BreaksEventLine);
        if (bad >= 0)
        {
            throw Invalid(
                nameof(EventStreamMessage.Event),
                $"An event name has no CR, LF or NUL, and this one has U+{(int)name[bad]:X4} at index {bad}.");
        }

        return name;
    }

    /// <summary>The whole milliseconds of a retry; 0 for none.</summary>
    public static int CheckRetry(TimeSpan? retry) => retry?.TotalMilliseconds switch
    {
        null => 0,
        >= 1 and <= int.MaxValue => (int)retry.Value.TotalMilliseconds,
        _ => throw Invalid(
            nameof(EventStreamMessage.Retry), $"A retry is from 1 ms to {int.MaxValue} ms, and this one is {retry}.", outOfRange: true),
    };

    private static ArgumentException Invalid(string field, string reason, bool outOfRange = false) =>
        outOfRange ? new ArgumentOutOfRangeException(field, reason) : new ArgumentException(reason, field);
}
