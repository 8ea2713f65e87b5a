using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore;

/// <summary>Converts any text to a valid message id, and back.</summary>
/// <remarks>
/// Clients send an id back as an HTTP header. There, any character outside visible ASCII breaks the reconnect of some client. Pure
/// functions, safe from any thread.
/// </remarks>
public static class EventStreamId
{
    /// <summary>The maximum length of an id: 128 characters, because a longer one needs a preflight in cross-origin requests.</summary>
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
            : throw new ArgumentException(
                $"The encoded id has {id.Length} characters; the maximum is {MaxLength}. Use a shorter key, or a hash of it.",
                nameof(text));
    }

    /// <summary>Decodes an id that <see cref="Encode"/> returned.</summary>
    /// <param name="id">An id as a client sent it; null gives null. A malformed escape stays as it is, so no id throws.</param>
    public static string? Decode(string? id) => id is null ? null : Uri.UnescapeDataString(id);
}
