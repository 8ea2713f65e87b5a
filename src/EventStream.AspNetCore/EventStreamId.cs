using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore;

/// <summary>Makes ids of any text, and the text of such an id again.</summary>
/// <remarks>
/// An id comes back as an HTTP header, and there every character but visible ASCII breaks the reconnect of one client or another.
/// Pure functions, safe from any thread.
/// </remarks>
public static class EventStreamId
{
    /// <summary>The most characters an id may have: 128, the length up to which a cross-origin request needs no preflight.</summary>
    public const int MaxLength = 128;

    /// <summary>Percent-encodes <paramref name="text"/> so that it is a valid <see cref="EventStreamMessage.Id"/>.</summary>
    /// <param name="text">
    /// Any text. Letters, digits and <c>-_.~</c> stay as they are; a lone surrogate becomes U+FFFD. Empty text stays empty, and an empty id
    /// resets the client's position.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The encoded id would be longer than <see cref="MaxLength"/>; use a shorter key, or a hash of it.
    /// </exception>
    public static string Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var id = Uri.EscapeDataString(text);
        if (EndMark.IsOn(id)) id = string.Concat(id.AsSpan(0, id.Length - EndMark.Suffix.Length), "%2E", EndMark.Suffix.AsSpan(1));
        return id.Length <= MaxLength
            ? id
            : throw new ArgumentException($"The encoded id has {id.Length} characters, and {MaxLength} is the most. Use a shorter key, or a hash of it.", nameof(text));
    }

    /// <summary>The text that <see cref="Encode"/> made <paramref name="id"/> of.</summary>
    /// <param name="id">An id as a client sent it; null gives null. A malformed escape is left as it is: no id makes this throw.</param>
    public static string? Decode(string? id) => id is null ? null : Uri.UnescapeDataString(id);
}
