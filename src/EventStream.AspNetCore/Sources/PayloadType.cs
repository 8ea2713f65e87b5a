using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Sources;

/// <summary>What kind of payload a <typeparamref name="T"/> is: text and bytes go out as they are, everything else as JSON.</summary>
internal static class PayloadType<T>
{
    public static readonly bool IsText = typeof(T) == typeof(string) || typeof(T) == typeof(byte[]) || typeof(T) == typeof(ReadOnlyMemory<byte>);

    // Asked once a type, so that payloads of other types pay nothing.
    private static readonly bool MayHideFrame = IsFrame(Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T))
        || typeof(T).IsAssignableFrom(typeof(EventStreamMessage))
        || typeof(T).IsAssignableFrom(typeof(SseItem<>));

    public static string? MediaType => IsText ? null : "application/json";

    public static JsonTypeInfo<T>? ContractFor(JsonSerializerOptions json) => IsText ? null : JsonContract<T>.From(json);

    /// <summary>A frame inside a payload would reach the client as JSON of a frame: the overload that was meant is another one.</summary>
    public static void RefuseFrame(T value)
    {
        if (!MayHideFrame || value is null) return;
        var type = value.GetType();
        if (IsFrame(type))
        {
            throw new InvalidOperationException($"A stream of {typeof(T)} met an item of type {type}, which is a frame and not a payload. Declare the sequence as IAsyncEnumerable of {(type == typeof(EventStreamMessage) ? "EventStreamMessage" : "SseItem<T>")}.");
        }
    }

    private static bool IsFrame(Type type) => type == typeof(EventStreamMessage) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(SseItem<>));
}
