using System.Net.ServerSentEvents;
using System.Text.Json.Serialization.Metadata;

namespace EventStream.Client.Reading;

/// <summary>Rejects the types of whole events where the type of an event's data is meant.</summary>
/// <remarks>Almost any JSON would deserialize as an event without data, and no error would show the mistake.</remarks>
internal static class EventType
{
    /// <exception cref="NotSupportedException">The type is that of an event, or of a sequence of them.</exception>
    public static void Refuse(JsonTypeInfo data)
    {
        if (!Is(data.Type) && (data.ElementType is null || !Is(data.ElementType))) return;
        throw new NotSupportedException(
            $"ReadEventStreamAsync<{data.Type}> would read each event's data as a whole event. "
            + "Call it without a type to get each event as an EventStreamClientEvent, or with the type of the data.");
    }

    private static bool Is(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (!type.IsGenericType) return type == typeof(EventStreamClientEvent);
        var outer = type.GetGenericTypeDefinition();
        return outer == typeof(EventStreamClientEvent<>) || outer == typeof(SseItem<>);
    }
}
