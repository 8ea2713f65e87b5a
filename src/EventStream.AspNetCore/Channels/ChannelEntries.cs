using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Channels;

/// <summary>A channel as a sequence for the app; each enumeration is a subscriber.</summary>
internal static class ChannelEntries
{
    /// <summary>Reads a channel until it is complete, its user is revoked, or the app stops.</summary>
    public static async IAsyncEnumerable<EventStreamEntry> ReadAsync(
        EventStreamChannel channel,
        EventStreamPosition? after,
        EventStreamSubscriptionOptions? subscription,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, channel.Definition.Host.Drain.Over);

        // Step 1 of Revocations. Kept as long as the loop reads. If the list drops it, because too many followed, the loop counts as
        // revoked.
        var since = channel.Registry.Revocations.Newest;
        var position = after?.ToString();
        var output = new EntryOutput();

        // Not inline, because the app's loop may block, and would block the shard's other subscribers.
        var signal = new StreamSignal(resumesInline: false);
        while (true)
        {
            // For OnGap, whose call may outlive the subscriber.
            var leaving = new CancellationTokenSource();
            var opening = OpeningOf(channel, subscription, position, leaving.Token);
            if (await JoinAsync(opening, since, stop.Token).ConfigureAwait(false) is not { } subscriber) break;
            try
            {
                using var stopping = stop.Token.UnsafeRegister(static subscriber => ((Subscriber)subscriber!).Interrupt(), subscriber);
                PollResult polled;
                while ((polled = subscriber.Poll(signal)) != PollResult.Ended)
                {
                    if (polled == PollResult.Pending) await signal.WaitAsync().ConfigureAwait(false);
                    else if (subscriber.TryRead(output, out var entry)) yield return entry;
                }
            }
            finally
            {
                subscriber.Close();
                leaving.CancelAsync().Abandon();
            }

            if (stop.IsCancellationRequested || subscriber.EndReason != EndReason.HistoryReplaced) break;
            if (opening.RevokedSince(since) is not null) break;

            // Reconnects with its position, as a client would.
            if (!subscriber.IsUnsent) position = subscriber.LastId;
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private static ChannelOpening OpeningOf(
        EventStreamChannel channel, EventStreamSubscriptionOptions? subscription, string? position, CancellationToken stop) =>
        new(
            channel.Registry,
            [new(channel.Name, channel.Definition, History: null, channel.Run)],
            subscription,
            protocol: null,
            StreamIdentity.OfLoop(subscription?.User, channel.Name),
            position,
            stop);

    /// <summary>Joins the channel after this node has read enough of the log; returns null if that was cancelled.</summary>
    private static async ValueTask<Subscriber?> JoinAsync(ChannelOpening opening, Revocation since, CancellationToken stop)
    {
        var joined = false;
        try
        {
            stop.ThrowIfCancellationRequested();
            var subscribers = opening.TryJoin(since, hasCaughtUp: false);
            while (subscribers is null)
            {
                await opening.CatchUpAsync().WaitAsync(stop).ConfigureAwait(false);
                subscribers = opening.TryJoin(since, hasCaughtUp: true);
            }

            joined = true;
            return subscribers[0];
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            if (!joined) opening.Abandon();
        }
    }
}
