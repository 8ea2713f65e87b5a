using EventStream.AspNetCore.Sources;

namespace EventStream.AspNetCore.Channels;

/// <summary>A request's way to its place in the channels it wants to read.</summary>
internal readonly struct ChannelOpening(
    IReadOnlyList<EventStreamChannel> channels,
    EventStreamSubscription? subscription,
    EventStreamProtocol protocol,
    string connectionId,
    string? user,
    string? lastEventId,
    CancellationToken cancellationToken)
{
    /// <summary>Whether this node knows enough of the channels.</summary>
    /// <remarks>
    /// The channels that a log has are loaded, and the client's positions are of what this node has read.
    /// A position that is ahead, or of another epoch, may come from a node that has read more.
    /// Without another look at the log it would be a gap.
    /// </remarks>
    public bool IsReady
    {
        get
        {
            var living = Living();
            if (!AreLoaded(living)) return false;
            if (lastEventId is null || Array.TrueForAll(living, channel => channel.Durable is null)) return true;
            var ids = Ids(living);
            foreach (var channel in living)
            {
                if (channel.Durable is null) continue;
                var resume = ResumeOf(channel, ids);
                if (resume.Sequence > channel.Log.Newest || resume.GapReason == EventStreamGapReason.Restarted) return false;
            }

            return true;
        }
    }

    public string? User => user;

    public EventStreamProtocol Protocol => protocol;

    /// <summary>Completes when this node has all that the log has now.</summary>
    public Task CatchUpAsync() => Task.WhenAll(Living().Select(channel => channel.Durable?.CatchUpAsync() ?? Task.CompletedTask));

    /// <summary>Joins the channels; null if a channel is not loaded, because another of its name was just dropped.</summary>
    /// <param name="since">The revocation after which the user may have been revoked; null if that was looked at already.</param>
    public FrameCursor? TryOpen(Revocation? since)
    {
        while (true)
        {
            var living = Living();
            if (!AreLoaded(living)) return null;
            var ids = Ids(living);
            var cursors = new Subscriber[living.Length];
            for (var i = 0; i < living.Length; i++)
            {
                var joinedAt = living[i].Time.GetUtcNow().UtcTicks;
                var reading = new ChannelReading(living[i], subscription, protocol, connectionId, user, joinedAt, cancellationToken);
                cursors[i] = new(reading, ids, i, ResumeOf(living[i], ids), lastEventId);
            }

            if (Array.TrueForAll(living, channel => channel.Log.ConfirmOpen()))
            {
                if (IsRevokedSince(since)) Array.ForEach(cursors, cursor => cursor.Disconnect());
                foreach (var cursor in cursors) cursor.Channel.Observe(cursor.Channel.Options.OnJoined, cursor);
                return cursors.Length == 1 ? cursors[0] : new MergedCursor(cursors, ids!);
            }

            // One was dropped before this registered.
            foreach (var cursor in cursors) cursor.Leave();
        }
    }

    /// <summary>Gives up before a channel was joined.</summary>
    public void Abandon()
    {
        foreach (var channel in channels) channel.DropIfUnbegun();
    }

    /// <summary>Whether the user was revoked after <paramref name="since"/>: step 3 of <see cref="Revocations"/>.</summary>
    public bool IsRevokedSince(Revocation? since) => since is not null && user is not null && since.IsBeforeOneOf(user);

    private static bool AreLoaded(EventStreamChannel[] living) =>
        Array.TrueForAll(living, channel => channel.Durable is not { IsLoaded: false });

    private EventStreamChannel[] Living() => [.. channels.Select(channel => channel.Living())];

    private SubscriberIds? Ids(EventStreamChannel[] living)
    {
        var key = living[0].Options.SigningKey;
        return living.Length > 1 || key is not null ? new SubscriberIds(living, key, user) : null;
    }

    private Resume ResumeOf(EventStreamChannel channel, SubscriberIds? ids)
    {
        if (lastEventId is null) return Resume.None;
        return (ids is null ? lastEventId : ids.Verify(lastEventId)) is { } positions
            ? channel.Find(positions, isAlone: channels.Count == 1)
            : Resume.Gap(EventStreamGapReason.Forged);
    }
}
