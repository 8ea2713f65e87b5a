namespace EventStream.AspNetCore.Channels;

/// <summary>What a channel retains in this node's memory, as a list.</summary>
internal static class RetainedEntries
{
    /// <summary>Lists what a subscription would be sent of it.</summary>
    public static async ValueTask<IReadOnlyList<EventStreamEntry>> ListAsync(
        EventStreamChannel channel, EventStreamSubscriptionOptions? subscription, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (registry, name) = (channel.Registry, channel.Name);
        while (true)
        {
            // Not made in memory: it would have nothing.
            var backing = channel.Run is { IsRetired: false } run ? run
                : channel.Definition.IsDurable ? registry.Get(name)
                : registry.Find(name);
            if (backing is null) return [];
            backing.Touch();
            try
            {
                await backing.CatchUpAsync(cancellationToken).ConfigureAwait(false);
                if (!backing.IsRetired && backing.History is { } history) return Of(history, subscription);
            }
            finally
            {
                registry.Release(backing);
            }
        }
    }

    private static EventStreamEntry[] Of(ChannelHistory history, EventStreamSubscriptionOptions? subscription)
    {
        List<EventStreamEntry> entries = [];
        foreach (var message in history.Retained((subscription?.Start ?? EventStreamStart.Oldest).Count))
        {
            if (ChannelReading.Accepts(subscription, subscription?.User, message, history)) entries.Add(new(message, history));
        }

        return [.. entries];
    }
}
