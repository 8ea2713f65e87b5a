using System.Collections.Concurrent;
using System.Net.ServerSentEvents;

namespace EventStream.AspNetCore.Wire;

/// <summary>Finds types that are frames or contain them, and so are no payloads.</summary>
/// <remarks>They would become JSON of frames. Then the compiler chose the overload for values where the caller meant another.</remarks>
internal static class FrameType
{
    private static readonly ConcurrentDictionary<Type, bool> Known = [];

    /// <summary>Whether a type is a frame, its data, a sequence of messages, a task, or a nullable of one of these.</summary>
    public static bool Is(Type type) => Known.GetOrAdd(type, static type => Find(NotNull(type)));

    public static bool IsSseItem(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(SseItem<>);

    /// <summary>Whether <paramref name="type"/> is an event of EventStream.Client, which this package does not reference.</summary>
    public static bool IsClientEvent(Type type) =>
        type is { IsValueType: true, Namespace: "EventStream.Client" } && type.Name.Split('`')[0] == "EventStreamClientEvent";

    /// <summary>Gets the text of an exception: why a frame is refused, and what to call instead.</summary>
    public static string Complaint(Type type)
    {
        type = NotNull(type);
        if (IsTask(type)) return $"A {type} is no payload, but its result may be. Await it first.";
        if (type == typeof(EventStreamData)) return $"{NoPayload(type)}. Publish or stream new EventStreamMessage {{ Data = … }}.";
        if (IsSseItem(type))
        {
            return $"{NoPayload(type)}. Declare a stream of it as IAsyncEnumerable of SseItem<T>. "
                + "To publish it, make an EventStreamMessage of it.";
        }

        if (IsClientEvent(type))
        {
            return $"{NoPayload(type)}. To relay it, make an EventStreamMessage of its event and data.";
        }

        if (type == typeof(EventStreamMessage))
        {
            return $"{NoPayload(type)}. Declare a stream of it as IAsyncEnumerable of EventStreamMessage. "
                + "To publish, call PublishAsync with a message, or PublishBatchAsync with an IEnumerable of EventStreamMessage.";
        }

        return IsStream(type)
            ? $"{NoPayload(type)}. Return it with Results.EventStream, let hub.Run publish it, or publish each message as it comes."
            : $"{NoPayload(type)}. Publish it with PublishBatchAsync, or stream its messages one by one.";
    }

    private static string NoPayload(Type type) => $"A {type} is a frame and not a payload, or holds frames, so it does not become JSON";

    private static bool Find(Type type) =>
        type == typeof(EventStreamMessage)
        || type == typeof(EventStreamData)
        || IsSseItem(type)
        || IsClientEvent(type)
        || IsTask(type)
        || IsStream(type)
        || typeof(IEnumerable<EventStreamMessage>).IsAssignableFrom(type);

    private static Type NotNull(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    private static bool IsStream(Type type) => typeof(IAsyncEnumerable<EventStreamMessage>).IsAssignableFrom(type);

    private static bool IsTask(Type type) =>
        typeof(Task).IsAssignableFrom(type)
        || type == typeof(ValueTask)
        || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>));
}
