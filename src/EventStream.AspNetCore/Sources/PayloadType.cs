using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Sources;

/// <summary>What kind of payload a <typeparamref name="T"/> is.</summary>
/// <remarks>Text and bytes go out as they are, everything else as JSON. A frame that the compiler took for a payload is refused.</remarks>
internal static class PayloadType<T>
{
    private static readonly bool IsFrame = FrameType.Is(typeof(T));

    /// <summary>
    /// Whether a payload may be a frame: asked once a type, so that others pay nothing. The serialiser meets a frame inside of a class.
    /// </summary>
    public static readonly bool MayHideFrame =
        IsFrame || typeof(T) == typeof(object) || typeof(T) == typeof(ValueType) || typeof(T).IsInterface;

    public static bool IsText => TextPayload<T>.IsAlways;

    /// <summary>The media type of all payloads; null where it is text, or may be.</summary>
    public static string? MediaType => TextPayload<T>.IsSometimes ? null : "application/json";

    public static JsonTypeInfo<T>? ContractFor(JsonSerializerOptions json) => IsText ? null : JsonContract<T>.From(json);

    /// <summary>Whether a value is a message, or the data of one.</summary>
    public static bool IsMessage(T value, out EventStreamMessage message)
    {
        message = default;
        if (!MayHideFrame) return false;
        switch (value)
        {
            case EventStreamMessage one:
                message = one;
                return true;

            case EventStreamData data:
                message = new() { Data = data };
                return true;

            default:
                return false;
        }
    }

    /// <summary>Whether a value is a sequence of messages.</summary>
    public static bool AreMessages(T value, [NotNullWhen(true)] out IEnumerable<EventStreamMessage>? messages)
    {
        messages = MayHideFrame ? value as IEnumerable<EventStreamMessage> : null;
        return messages is not null;
    }

    /// <summary>A frame inside a payload would reach the client as JSON of a frame: the overload that was meant is another one.</summary>
    /// <exception cref="InvalidOperationException">The value is a frame, or would be one if it were not null.</exception>
    public static void RefuseFrame(T value)
    {
        if (!MayHideFrame) return;
        if (!IsFrame && (value is null || !FrameType.Is(value.GetType()))) return;
        throw new InvalidOperationException(FrameType.Complaint(value?.GetType() ?? typeof(T)));
    }
}
