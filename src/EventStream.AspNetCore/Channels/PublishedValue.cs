using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>Converts published values to messages, by their type at run time.</summary>
internal static class PublishedValue<T>
{
    /// <summary>Whether the value is a message, the data of one, or text.</summary>
    /// <param name="value">The value.</param>
    /// <param name="eventName">The name of the event; null: the message's own.</param>
    /// <param name="message">The message to publish.</param>
    /// <exception cref="ArgumentException">
    /// The value is null text, or bytes that are not UTF-8. Or the event's name is not valid.
    /// </exception>
    public static bool IsMessage(T value, string? eventName, out EventStreamMessage message)
    {
        if (PayloadType<T>.IsMessage(value, out message))
        {
            message = Named(message, eventName);
            return true;
        }

        if (!TextPayload<T>.Is(value, out var text)) return false;
        if (!text.HasValue)
        {
            throw new ArgumentException(
                "The value is null text, so there is nothing to publish. Publish an empty string for an event without text.",
                nameof(value));
        }

        message = new() { Event = eventName, Data = text };
        return true;
    }

    /// <summary>Whether the value is a sequence of messages, which are published together.</summary>
    public static bool AreMessages(T value, string? eventName, [NotNullWhen(true)] out IEnumerable<EventStreamMessage>? messages)
    {
        if (!PayloadType<T>.AreMessages(value, out messages)) return false;
        if (eventName is not null) messages = Named(messages, eventName);
        return true;
    }

    /// <summary>Converts a value that is no sequence of messages to a message.</summary>
    /// <exception cref="ArgumentException">The same as for <see cref="IsMessage"/>.</exception>
    /// <exception cref="InvalidOperationException">The value is a frame that cannot be published, such as a task.</exception>
    public static EventStreamMessage ToMessage(T value, string? eventName, JsonTypeInfo<T>? jsonTypeInfo) =>
        IsMessage(value, eventName, out var message) ? message : EventStreamMessage.Json(value, jsonTypeInfo) with { Event = eventName };

    /// <summary>Converts values to messages, each when it is enumerated.</summary>
    /// <exception cref="ArgumentException">The values are the characters or bytes of one text.</exception>
    public static IEnumerable<EventStreamMessage> ToMessages(IEnumerable<T> values, string? eventName, JsonTypeInfo<T>? jsonTypeInfo)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (TextPayload<IEnumerable<T>>.Is(values, out _))
        {
            throw new ArgumentException(
                "A text is one value. Publish it with PublishAsync, or pass a sequence of texts to PublishBatchAsync.", nameof(values));
        }

        return values.Select(value => ToMessage(value, eventName, jsonTypeInfo));
    }

    // A separate method, because in the caller its closure would be allocated for every value.
    private static IEnumerable<EventStreamMessage> Named(IEnumerable<EventStreamMessage> messages, string eventName) =>
        messages.Select(message => Named(message, eventName));

    private static EventStreamMessage Named(EventStreamMessage message, string? eventName) =>
        eventName is null ? message : message with { Event = eventName };
}
