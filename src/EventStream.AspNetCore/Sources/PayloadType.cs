using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Sources;

/// <summary>Classifies <typeparamref name="T"/> as a payload: text, JSON, or a frame, which is refused.</summary>
/// <remarks>Text and bytes are sent unchanged, all other values as JSON. The compiler may take a frame for a payload by mistake.</remarks>
internal static class PayloadType<T>
{
    private static readonly bool IsFrame = FrameType.Is(typeof(T));

    /// <summary>Whether a payload may itself be a frame.</summary>
    /// <remarks>
    /// It is computed once for each type, so that other payloads cost nothing. A frame inside a payload is found when it is serialised.
    /// </remarks>
    public static readonly bool MayHideFrame =
        IsFrame || typeof(T) == typeof(object) || typeof(T) == typeof(ValueType) || typeof(T).IsInterface;

    public static bool IsText => TextPayload<T>.IsAlways;

    /// <summary>The media type of all payloads; null if they are text, or may be.</summary>
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

    /// <summary>Throws if a value is a frame, which would reach the client as JSON of a frame.</summary>
    /// <remarks>Then the caller meant another overload.</remarks>
    /// <exception cref="InvalidOperationException">The value is a frame, or is null and declared as one.</exception>
    public static void RefuseFrame(T value)
    {
        if (!MayHideFrame) return;
        if (!IsFrame && (value is null || !FrameType.Is(value.GetType()))) return;
        throw new InvalidOperationException(FrameType.Complaint(value?.GetType() ?? typeof(T)));
    }
}
