using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Runs;

/// <summary>Calls the app's producer of a run, and encodes what it yields: each item is published together.</summary>
internal delegate IAsyncEnumerable<RingEntry[]> RunProducer(EventStreamRunContext context);

/// <summary>Makes producers of the app's functions.</summary>
internal static class RunProducers
{
    /// <summary>Makes a producer of a function that returns messages or values.</summary>
    /// <param name="source">The app's function.</param>
    /// <param name="eventName">The name of the events; null: the default event, or a message's own.</param>
    /// <param name="jsonTypeInfo">The JSON contract; null: that of the app's options.</param>
    public static RunProducer Of<T>(
        Func<EventStreamRunContext, IAsyncEnumerable<T>> source, string? eventName = null, JsonTypeInfo<T>? jsonTypeInfo = null) =>
        context => EncodeAsync(context, source, eventName, jsonTypeInfo, context.Stop);

    private static async IAsyncEnumerable<RingEntry[]> EncodeAsync<T>(
        EventStreamRunContext context,
        Func<EventStreamRunContext, IAsyncEnumerable<T>> source,
        string? eventName,
        JsonTypeInfo<T>? jsonTypeInfo,
        [EnumeratorCancellation] CancellationToken stop)
    {
        var definition = context.Channel.Definition;
        var encoder = new MessageEncoder(context.Channel.Name, definition);
        var values = source(context) ?? throw new InvalidOperationException(
            $"The producer of the channel '{context.Channel.Name}' returned null. Return a sequence, which may be empty.");
        await foreach (var value in values.WithCancellation(stop))
        {
            var entries = Encode(encoder, value, eventName, jsonTypeInfo);
            var now = definition.Host.Time.GetTimestamp();
            for (var i = 0; i < entries.Length; i++) entries[i].PublishedAt = now;
            if (entries.Length > 0) yield return entries;
        }
    }

    private static RingEntry[] Encode<T>(MessageEncoder encoder, T value, string? eventName, JsonTypeInfo<T>? jsonTypeInfo)
    {
        if (PublishedValue<T>.IsMessage(value, eventName, out var message)) return [encoder.Encode(message)];
        return PublishedValue<T>.AreMessages(value, eventName, out var messages)
            ? encoder.Encode(messages)
            : [encoder.EncodeJson(value, eventName, jsonTypeInfo)];
    }
}
