using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore;

/// <summary>Throws when a frame is written or read as JSON, and says what to call instead.</summary>
/// <remarks>
/// An attribute of <see cref="EventStreamMessage"/> and <see cref="EventStreamData"/> names it. It is public, because generated JSON
/// contracts create it.
/// </remarks>
/// <typeparam name="T">The frame, or its data.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class EventStreamFrameJsonConverter<T> : JsonConverter<T>
{
    /// <summary>Throws.</summary>
    /// <param name="reader">Not read.</param>
    /// <param name="typeToConvert">The type.</param>
    /// <param name="options">Not used.</param>
    /// <returns>Never.</returns>
    /// <exception cref="NotSupportedException">In any case.</exception>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException(
            $"A {typeof(T)} cannot be read from JSON. Read the payload as a type of your own, and create an EventStreamMessage from it.");

    /// <summary>Throws.</summary>
    /// <param name="writer">Not written to.</param>
    /// <param name="value">The frame.</param>
    /// <param name="options">Not used.</param>
    /// <exception cref="NotSupportedException">In any case.</exception>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        throw new NotSupportedException(FrameType.Complaint(typeof(T)));
}
