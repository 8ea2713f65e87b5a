using System.ComponentModel;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using EventStream.AspNetCore.Configuration;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore;

/// <summary>The data of an <see cref="EventStreamMessage"/>: text, UTF-8 bytes, an object to be serialised, or nothing.</summary>
/// <remarks>
/// Converts implicitly from <see cref="string"/>, <see cref="byte"/> arrays and <see cref="ReadOnlyMemory{T}"/> of bytes. An object needs
/// <see cref="EventStreamMessage.Json{T}"/>, because C# allows no conversion from <see cref="object"/>. A line break (only CRLF, CR or LF)
/// starts another <c>data</c> line, and reaches the client as LF.
/// </remarks>
[JsonConverter(typeof(EventStreamFrameJsonConverter<EventStreamData>))]
[TypeConverter(typeof(DataText))]
public readonly struct EventStreamData : IEquatable<EventStreamData>
{
    private static readonly object Utf8Bytes = new();

    // Text, a JsonPayload, Utf8Bytes (the content is then in _bytes), or null for no data.
    private readonly object? _content;
    private readonly ReadOnlyMemory<byte> _bytes;

    private EventStreamData(object? content, ReadOnlyMemory<byte> bytes = default)
    {
        _content = content;
        _bytes = bytes;
    }

    /// <summary>Whether there is data; empty text and empty bytes are data.</summary>
    public bool HasValue => _content is not null;

    internal string? Text => _content as string;

    // The cheap comparisons come first, because a cast to an abstract class is a call.
    internal JsonPayload? Json => _content is string || IsBytes ? null : _content as JsonPayload;

    internal ReadOnlyMemory<byte> Bytes => _bytes;

    internal bool IsBytes => ReferenceEquals(_content, Utf8Bytes);

    /// <summary>Text as data; null is no data. A lone surrogate is written as U+FFFD.</summary>
    /// <param name="text">The text.</param>
    public static implicit operator EventStreamData(string? text) => new(text);

    /// <summary>UTF-8 bytes as data; null is no data.</summary>
    /// <param name="utf8">The bytes; they are not copied and must not be changed afterwards.</param>
    /// <exception cref="ArgumentException">The bytes are not UTF-8.</exception>
    public static implicit operator EventStreamData(byte[]? utf8) => utf8 is null ? default : FromUtf8(utf8);

    /// <summary>UTF-8 bytes as data; empty memory is empty data.</summary>
    /// <param name="utf8">The bytes; they are not copied and must not be changed afterwards.</param>
    /// <exception cref="ArgumentException">The bytes are not UTF-8.</exception>
    public static implicit operator EventStreamData(ReadOnlyMemory<byte> utf8) => FromUtf8(utf8);

    /// <summary>Whether both are the same kind of data with the same content.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(EventStreamData left, EventStreamData right) => left.Equals(right);

    /// <summary>Whether the two differ in kind or content.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(EventStreamData left, EventStreamData right) => !left.Equals(right);

    /// <summary>Converts UTF-8 bytes to data; the implicit conversions call it.</summary>
    /// <param name="utf8">The bytes; they are not copied and must not be changed afterwards.</param>
    /// <exception cref="ArgumentException">The bytes are not UTF-8.</exception>
    public static EventStreamData FromUtf8(ReadOnlyMemory<byte> utf8) => Utf8.IsValid(utf8.Span)
        ? new(Utf8Bytes, utf8)
        : throw new ArgumentException(
            "The data is not UTF-8. Encode other bytes as text first, for example with Convert.ToBase64String.", nameof(utf8));

    /// <summary>Gets the data as text, as it is written to a stream: an object as JSON.</summary>
    /// <remarks>
    /// For tests, and for replacements of <see cref="IEventStreamPublisher"/>, that inspect published messages. Line breaks stay as they
    /// are.
    /// </remarks>
    /// <param name="options">
    /// The JSON options for an object, if <see cref="EventStreamMessage.Json{T}"/> was given no contract. Text and bytes do not need them.
    /// </param>
    /// <returns>The text; empty for no data.</returns>
    /// <exception cref="NotSupportedException">The object cannot be serialised, or contains a frame.</exception>
    public string GetText(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Json?.GetText(options) ?? ToString();
    }

    internal static EventStreamData FromJson(JsonPayload payload) => new(payload);

    /// <summary>Whether both are the same kind of data (text, bytes, object) with the same content.</summary>
    /// <param name="other">The other.</param>
    public bool Equals(EventStreamData other) => Equals(_content, other._content) && _bytes.Span.SequenceEqual(other._bytes.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is EventStreamData other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(_content);
        hash.AddBytes(_bytes.Span);
        return hash.ToHashCode();
    }

    /// <summary>The text, the bytes as text, or the object's own <see cref="object.ToString"/>; empty for no data.</summary>
    public override string ToString() => IsBytes ? Encoding.UTF8.GetString(_bytes.Span) : _content?.ToString() ?? "";
}
