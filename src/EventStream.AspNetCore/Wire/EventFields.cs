using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace EventStream.AspNetCore.Wire;

/// <summary>Checks the fields of a message, once when it is created. The encoder relies on it.</summary>
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
                $"An event id has at most {EventStreamId.MaxLength} characters, but this one has {id.Length}. "
                + "Send a shorter key, or a hash of it.");
        }

        var bad = UnsafeAt(id);
        if (bad >= 0)
        {
            throw Invalid(
                nameof(EventStreamMessage.Id),
                $"An event id is visible ASCII without spaces (U+0021 to U+007E), but this one has U+{(int)id[bad]:X4} at index {bad}. "
                + "Call EventStreamId.Encode, which makes any text a valid id.");
        }

        throw Invalid(
            nameof(EventStreamMessage.Id),
            $"An event id must not end in '{EndMark.Suffix}', which marks the end of a finished stream. "
            + "Call EventStreamId.Encode, which makes any text a valid id.");
    }

    /// <summary>Whether a client can send <paramref name="id"/> back, and it has no end mark.</summary>
    public static bool IsId(string id) => id.Length <= EventStreamId.MaxLength && UnsafeAt(id) < 0 && !EndMark.IsOn(id);

    /// <summary>Whether <paramref name="name"/> is the default event, for which no line is written.</summary>
    public static bool IsDefaultEvent([NotNullWhen(false)] string? name) => string.IsNullOrEmpty(name) || name == "message";

    /// <summary>Gets the index of the first character that an id may not have; -1 if there is none.</summary>
    public static int UnsafeAt(ReadOnlySpan<char> id) => id.IndexOfAnyExceptInRange('!', '~');

    public static string? CheckEvent(string? name)
    {
        if (IsDefaultEvent(name)) return name;
        var bad = name.AsSpan().IndexOfAny(BreaksEventLine);
        if (bad >= 0)
        {
            throw Invalid(
                nameof(EventStreamMessage.Event),
                $"An event name must not have CR, LF or NUL, but this one has U+{(int)name[bad]:X4} at index {bad}. Remove the character.");
        }

        return name;
    }

    /// <summary>Checks a retry, and returns its whole milliseconds; 0 for none.</summary>
    public static int CheckRetry(TimeSpan? retry) => retry?.TotalMilliseconds switch
    {
        null => 0,
        >= 1 and <= int.MaxValue => (int)retry.Value.TotalMilliseconds,
        _ => throw Invalid(
            nameof(EventStreamMessage.Retry), $"A retry is from 1 ms to {int.MaxValue} ms, but this one is {retry}.", outOfRange: true),
    };

    private static ArgumentException Invalid(string field, string reason, bool outOfRange = false) =>
        outOfRange ? new ArgumentOutOfRangeException(field, reason) : new ArgumentException(reason, field);
}
