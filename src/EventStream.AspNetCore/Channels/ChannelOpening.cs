using EventStream.AspNetCore.Authorization;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;

namespace EventStream.AspNetCore.Channels;

/// <summary>The opening of a request, or of an app's loop: finds its channels, and joins them as a subscriber.</summary>
internal readonly struct ChannelOpening(
    ChannelRegistry registry,
    IReadOnlyList<WantedChannel> wanted,
    EventStreamSubscriptionOptions? subscription,
    EventStreamProtocol? protocol,
    StreamIdentity stream,
    string? lastEventId,
    CancellationToken cancellationToken)
{
    public StreamIdentity Stream => stream;

    /// <summary>The policies of the channels.</summary>
    public IEnumerable<ChannelPolicy> Policies =>
        wanted.Select(channel => ChannelPolicy.Of(channel.Name, channel.Definition.Options)).OfType<ChannelPolicy>();

    /// <summary>Completes when this node has every message that the log has now.</summary>
    public Task CatchUpAsync() => Task.WhenAll(Found().Select(channel => channel.CatchUpAsync()));

    /// <summary>Joins the channels, if this node has read enough of them.</summary>
    /// <remarks>
    /// It has, if the channels of a log are loaded, and it has read the client's positions. A position that is ahead, or of another epoch,
    /// may come from a node that has read more. It is a gap only if it is still unknown after this node has caught up.
    /// </remarks>
    /// <param name="since">The revocation after which the stream may have been revoked; null if that was checked already.</param>
    /// <param name="hasCaughtUp">Whether <see cref="CatchUpAsync"/> has completed.</param>
    /// <returns>
    /// Null: this node must catch up first. Also null after that, if a channel is not loaded, because its predecessor was just dropped.
    /// </returns>
    public Subscriber[]? TryJoin(Revocation? since, bool hasCaughtUp)
    {
        while (true)
        {
            var channels = Found();
            if (!AreKnown(channels, hasCaughtUp)) return null;
            if (TryJoin(channels) is not { } subscribers) continue;
            if (RevokedSince(since) is { } revocation) Array.ForEach(subscribers, subscriber => subscriber.End(revocation.EndReason));
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

    /// <summary>Releases the channels if none was joined.</summary>
    public void Abandon()
    {
        foreach (var channel in wanted)
        {
            if (registry.Find(channel.Name) is { } found) registry.Release(found);
        }
    }

    /// <summary>Gets the revocation of the stream after <paramref name="since"/>: step 3 of <see cref="Revocations"/>.</summary>
    public Revocation? RevokedSince(Revocation? since) => since?.FirstOf(stream);

    /// <summary>Joins all channels; returns null, and joins none, if one was retired meanwhile.</summary>
    private Subscriber[]? TryJoin(ChannelBacking[] channels)
    {
        var subscribers = new Subscriber[channels.Length];

        // Not null: a channel may be retired by now, but a loaded channel stays loaded.
        var histories = Array.ConvertAll(channels, channel => channel.History!);
        var id = channels.Length > 1 ? new MergedId(histories) : null;
        for (var i = 0; i < channels.Length; i++)
        {
            var joinedAt = channels[i].Definition.Host.Time.GetUtcNow().UtcTicks;
            ChannelReading reading = new(registry, channels[i], subscription, protocol, stream, joinedAt, cancellationToken);
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
