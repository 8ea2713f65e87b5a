using EventStream.AspNetCore;
using Microsoft.Extensions.DependencyInjection;

namespace EventStream.Testing.Publishing;

/// <summary>Channels in memory that refuse what an app's would, and give out positions. Used by one thread at a time.</summary>
/// <remarks>A hub for each name: a hub has its names from the start, and a pattern does not match all of them.</remarks>
internal sealed class CheckedChannels(Action<EventStreamChannelOptions>? configure)
{
    private const long LargestMaxBytes = 1L << 40;

    private readonly Dictionary<string, EventStreamHub> _hubs = new(StringComparer.Ordinal);

    public EventStreamPosition Publish(string channel, EventStreamMessage message, EventStreamMetadata? metadata) =>
        Done(HubOf(channel).PublishAsync(channel, message, metadata));

    public IReadOnlyList<EventStreamPosition> Publish(string channel, EventStreamMessage[] messages, EventStreamMetadata? metadata) =>
        Done(HubOf(channel).PublishBatchAsync(channel, messages, metadata));

    /// <summary>Refuses a tag that only this process has, as a channel in a log does. Only such channels take transactions.</summary>
    public static void CheckOutlivesTheProcess(EventStreamMetadata? metadata)
    {
        if (metadata?.Tag is null or string) return;
        throw new ArgumentException(
            $"The messages of a channel in a log outlive the process, and a tag of the type {metadata.Tag.GetType()} does not. "
            + "Give it a string.",
            nameof(metadata));
    }

    private EventStreamHub HubOf(string channel)
    {
        if (_hubs.TryGetValue(channel, out var known)) return known;
        var services = new ServiceCollection();
        services.AddEventStreams().AddChannel(channel, options =>
        {
            options.MaxBytes = LargestMaxBytes;
            configure?.Invoke(options);
        });
        return _hubs[channel] = services.BuildServiceProvider().GetRequiredService<EventStreamHub>();
    }

    // Publishing in memory waits for nothing.
    private static T Done<T>(ValueTask<T> publishing) => publishing.IsCompleted
        ? publishing.GetAwaiter().GetResult()
        : throw new InvalidOperationException("A channel in memory did not publish at once.");
}
