using EventStream.AspNetCore.Sources;

namespace EventStream.AspNetCore.Channels;

/// <summary>The way of a request, or of a loop of the app's, to its place in the channels it wants to read.</summary>
internal readonly struct ChannelOpening(
    ChannelRegistry registry,
    IReadOnlyList<WantedChannel> wanted,
    EventStreamSubscriptionOptions? subscription,
    EventStreamProtocol? protocol,
    string connectionId,
    string? user,
    string? lastEventId,
    CancellationToken cancellationToken)
{
    public string? User => user;

    /// <summary>Completes when this node has all that the log has now.</summary>
    public Task CatchUpAsync() => Task.WhenAll(Found().Select(channel => channel.CatchUpAsync()));

    /// <summary>Joins the channels, if this node knows enough of them.</summary>
    /// <remarks>
    /// The channels that a log has are loaded, and the client's positions are of what this node has read.
    /// A position that is ahead, or of another epoch, may come from a node that has read more.
    /// Without another look at the log it would be a gap. After that look, it is one.
    /// </remarks>
    /// <param name="since">The revocation after which the user may have been revoked; null if that was looked at already.</param>
    /// <param name="hasCaughtUp">Whether <see cref="CatchUpAsync"/> has completed.</param>
    /// <returns>
    /// Null: there is something to read first. After that too, if one of the channels is not loaded, because another of its name was just
    /// dropped.
    /// </returns>
    public Subscriber[]? TryJoin(Revocation? since, bool hasCaughtUp)
    {
        while (true)
        {
            var channels = Found();
            if (!AreKnown(channels, hasCaughtUp)) return null;
            if (TryJoin(channels) is not { } subscribers) continue;
            if (IsRevokedSince(since)) Array.ForEach(subscribers, subscriber => subscriber.Disconnect());
            Array.ForEach(subscribers, subscriber => subscriber.HasJoined());
            return subscribers;
        }
    }

    /// <summary>Joins the channels as <see cref="TryJoin(Revocation?, bool)"/> does, for a response.</summary>
    public FrameCursor? TryOpen(Revocation? since, bool hasCaughtUp) => TryJoin(since, hasCaughtUp) switch
    {
        null => null,
        [var one] => one,
        var several => new MergedCursor(several),
    };

    /// <summary>Gives up before a channel was joined.</summary>
    public void Abandon()
    {
        foreach (var channel in wanted)
        {
            if (registry.Find(channel.Name) is { } found) registry.Release(found);
        }
    }

    /// <summary>Whether the user was revoked after <paramref name="since"/>: step 3 of <see cref="Revocations"/>.</summary>
    public bool IsRevokedSince(Revocation? since) => since is not null && user is not null && since.IsBeforeOneOf(user);

    /// <summary>Joins all of the channels, or none, because one was retired meanwhile.</summary>
    private Subscriber[]? TryJoin(ChannelBacking[] channels)
    {
        var subscribers = new Subscriber[channels.Length];

        // They may be retired by now, but a channel that was loaded stays so.
        var histories = Array.ConvertAll(channels, channel => channel.History!);
        var id = channels.Length > 1 ? new MergedId(histories) : null;
        for (var i = 0; i < channels.Length; i++)
        {
            var joinedAt = channels[i].Definition.Host.Time.GetUtcNow().UtcTicks;
            ChannelReading reading = new(registry, channels[i], subscription, protocol, connectionId, user, joinedAt, cancellationToken);
            subscribers[i] = new(reading, histories[i], id, i, ResumeOf(channels[i], histories[i]), lastEventId);
            if (subscribers[i].TryJoin()) continue;
            foreach (var joined in subscribers.AsSpan(0, i)) joined.Leave();
            return null;
        }

        return subscribers;
    }

    private bool AreKnown(ChannelBacking[] channels, bool hasCaughtUp)
    {
        foreach (var channel in channels)
        {
            if (channel.History is not { } history) return false;
            if (!hasCaughtUp && lastEventId is not null && channel.MayBeBehind(ResumeOf(channel, history))) return false;
        }

        return true;
    }

    private ChannelBacking[] Found()
    {
        var found = new ChannelBacking[wanted.Count];
        for (var i = 0; i < found.Length; i++)
        {
            found[i] = wanted[i].Run is { IsRetired: false } run ? run : registry.Get(wanted[i].Name);
            found[i].Touch();
        }

        return found;
    }

    private Resume ResumeOf(ChannelBacking channel, ChannelHistory history) => lastEventId is null
        ? Resume.None
        : Positions.Find(lastEventId, history.Epoch, isAlone: wanted.Count == 1, channel.Origin, history.Continues);
}
