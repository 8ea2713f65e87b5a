using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Channels;

/// <summary>Where the messages of one channel are kept: in memory, or in a log of which this node's ring has the newest.</summary>
/// <remarks>
/// It is made when a channel is first used. The <see cref="ChannelRegistry"/> makes another once it is retired, or its run has failed.
/// Any thread may call any member.
/// </remarks>
/// <param name="channel">What the app holds of the channel.</param>
internal abstract class ChannelBacking(EventStreamChannel channel)
{
    private long _lastUsed = channel.Definition.Host.Time.GetTimestamp();

    public EventStreamChannel Channel => channel;

    public string Name => channel.Name;

    public ChannelDefinition Definition => channel.Definition;

    /// <summary>The channel's subscribers on this node. They are the same in a history and its successor.</summary>
    public abstract SubscriberList Subscribers { get; }

    /// <summary>The history that the channel has now; null: this node has not read it yet.</summary>
    public abstract ChannelHistory? History { get; }

    /// <summary>What is known of that history, if it has begun.</summary>
    public abstract KnownHistory? Known { get; }

    /// <summary>The epoch of a subscriber's position while the log does not have the channel; null: there is no log.</summary>
    public abstract string? Origin { get; }

    /// <summary>Whether its history is retired, so that the channel is to be asked for again.</summary>
    public abstract bool IsRetired { get; }

    /// <summary>
    /// Whether this node knows that the channel was published to, so that it exists for subscribers that may not create it.
    /// </summary>
    public abstract bool Exists { get; }

    /// <summary>Whether the channel was completed, as far as this node knows.</summary>
    public abstract bool IsCompleted { get; }

    /// <summary>How many subscribers the channel has on other nodes.</summary>
    public abstract int SubscribersElsewhere { get; }

    /// <summary>What holds back messages to named users; null: nothing.</summary>
    public abstract NodeLease? Lease { get; }

    /// <summary>The position of the newest message; null: this node has not read the channel yet.</summary>
    public abstract EventStreamPosition? Newest { get; }

    protected TimeProvider Time => Definition.Host.Time;

    /// <summary>Something was done with the channel: it is not idle for a while.</summary>
    public void Touch() => Volatile.Write(ref _lastUsed, Time.GetTimestamp());

    /// <summary>Publishes a message.</summary>
    /// <param name="entry">The message, encoded.</param>
    /// <param name="cancellationToken">Gives up, where there is something to wait for.</param>
    /// <param name="position">Its position.</param>
    /// <returns>False if this is retired, and nothing was done.</returns>
    public abstract bool TryPublish(RingEntry entry, CancellationToken cancellationToken, out ValueTask<EventStreamPosition> position);

    /// <summary>Publishes a list of messages.</summary>
    /// <returns>False if this is retired, and nothing was done.</returns>
    public abstract bool TryPublish(
        RingEntry[] entries, CancellationToken cancellationToken, out ValueTask<EventStreamPosition[]> positions);

    /// <summary>Finds the log that takes messages in a transaction of the caller's.</summary>
    /// <exception cref="InvalidOperationException">There is none behind this channel.</exception>
    public abstract IEventStreamTransactionalLog GetTransactionalLog();

    /// <summary>Ends the channel after its last message.</summary>
    /// <returns>False if this is retired, and nothing was done.</returns>
    public abstract bool TryComplete(CancellationToken cancellationToken, out Task completion);

    /// <summary>Completes when the ring has all that there is now, or this is retired.</summary>
    public abstract Task CatchUpAsync();

    /// <summary>The same, for a caller that has to know if the log does not answer before the app stops.</summary>
    /// <exception cref="EventStreamLogException">The app stops, and the log has not answered.</exception>
    public abstract Task CatchUpAsync(CancellationToken cancellationToken);

    /// <summary>Whether a position may be one that this node has only to read of.</summary>
    public abstract bool MayBeBehind(Resume resume);

    /// <summary>What a subscriber that joins a history now can have.</summary>
    /// <param name="history">A history of the channel.</param>
    /// <param name="last">How many of the newest messages it would begin with.</param>
    public abstract ResumeWindow WindowOf(ChannelHistory history, int last);

    /// <summary>The sequence after which everything that can be had of a history begins; smaller ones are a gap.</summary>
    public abstract long BeforeOldestOf(ChannelHistory history);

    /// <summary>Whether messages that the ring has evicted may still be read.</summary>
    public abstract bool GoesBehindRing { get; }

    /// <summary>Reads what follows a position that is further back than the ring goes, where <see cref="GoesBehindRing"/>.</summary>
    public abstract Task<LogPage> ReadBehindRing(ChannelHistory history, long after);

    /// <summary>Retires an idle channel, if nothing is lost by that.</summary>
    public abstract bool TryRetireIdle();

    /// <summary>
    /// Retires an unused channel that never had a message. Nothing is lost: the next channel of the name has the same position before its
    /// first message.
    /// </summary>
    public abstract bool TryRetireUnbegun();

    protected bool IsIdle() => Time.GetTimestamp() - Volatile.Read(ref _lastUsed) >= Time.TimestampsIn(Definition.Options.IdleTimeout);
}
