namespace EventStream.AspNetCore.Channels;

/// <summary>Lists the messages that a channel retains in this node's memory.</summary>
internal static class RetainedEntries
{
    /// <summary>Lists the retained messages that a subscription would get.</summary>
    public static async ValueTask<IReadOnlyList<EventStreamEntry>> ListAsync(
        EventStreamChannel channel, EventStreamSubscriptionOptions? subscription, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (registry, name) = (channel.Registry, channel.Name);
        while (true)
        {
            // A channel in memory is not created, because it would be empty.
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
