using EventStream.AspNetCore;
using Microsoft.Extensions.DependencyInjection;

namespace EventStream.Testing.Publishing;

/// <summary>Channels in memory that check messages as an app's channels do, and assign positions.</summary>
/// <remarks>
/// Used by one thread at a time. It has a hub for each name, because a hub's names are fixed at its start, and no pattern matches all
/// names.
/// </remarks>
internal sealed class CheckedChannels(Action<EventStreamChannelOptions>? configure)
{
    private const long LargestMaxBytes = 1L << 40;

    private readonly Dictionary<string, EventStreamHub> _hubs = new(StringComparer.Ordinal);

    public EventStreamPosition Publish(string channel, EventStreamMessage message, EventStreamMetadata? metadata) =>
        Done(HubOf(channel).PublishAsync(channel, message, metadata));

    public IReadOnlyList<EventStreamPosition> Publish(string channel, EventStreamMessage[] messages, EventStreamMetadata? metadata) =>
        Done(HubOf(channel).PublishBatchAsync(channel, messages, metadata));

    /// <summary>Rejects a tag that is not a string, as a channel in a log does.</summary>
    /// <remarks>Called for messages in transactions, which only such channels accept.</remarks>
    public static void CheckOutlivesTheProcess(EventStreamMetadata? metadata)
    {
        if (metadata?.Tag is null or string) return;
        throw new ArgumentException(
            $"A channel in a log stores its messages outside the process, so a tag must be a string, not a {metadata.Tag.GetType()}. "
            + "Use a string.",
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

    // Publishing in memory completes at once.
    private static T Done<T>(ValueTask<T> publishing) => publishing.IsCompleted
        ? publishing.GetAwaiter().GetResult()
        : throw new InvalidOperationException("A channel in memory did not publish at once.");
}
