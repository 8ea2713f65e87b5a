using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Channels;

/// <summary>Where the messages of one channel are kept: in memory, or in a log of which this node's ring has the newest.</summary>
/// <remarks>
/// It is made when a channel is first used, and lives until its history is retired. Then the <see cref="ChannelRegistry"/> makes another. Any
/// thread may call any member.
/// </remarks>
/// <param name="channel">What the app holds of the channel.</param>
internal abstract class ChannelBacking(EventStreamChannel channel)
{
    private long _lastUsed = channel.Definition.Host.Time.GetTimestamp();

    public EventStreamChannel Channel => channel;

    public string Name => channel.Name;

    public ChannelDefinition Definition => channel.Definition;

    /// <summary>The channel's subscribers on this node. They stay where one history goes on in another.</summary>
    public abstract SubscriberList Subscribers { get; }

    /// <summary>The history that the channel has now; null: this node has not read it yet.</summary>
    public abstract ChannelHistory? History { get; }

    /// <summary>What is known of that history, if it has begun.</summary>
    public abstract KnownHistory? Known { get; }

    /// <summary>The epoch of the position that a subscriber gets while a log does not have the channel; null: there is no such position.</summary>
    public abstract string? Origin { get; }

    /// <summary>Whether its history is retired, so that the channel is to be asked for again.</summary>
    public abstract bool IsRetired { get; }

    /// <summary>Whether this node knows that the channel exists for those who may not make one.</summary>
    public abstract bool Exists { get; }

    /// <summary>Whether the channel was completed, as far as this node knows.</summary>
    public abstract bool IsCompleted { get; }

    /// <summary>How many subscribers the channel has on other nodes.</summary>
    public abstract int SubscribersElsewhere { get; }

    /// <summary>What has named users' messages held back; null: nothing does.</summary>
    public abstract NodeLease? Lease { get; }

    /// <summary>The position of the newest message.</summary>
    public abstract EventStreamPosition Newest { get; }

    protected TimeProvider Time => Definition.Host.Time;

    /// <summary>Something was done with the channel: it is not idle for a while.</summary>
    public void Touch() => Volatile.Write(ref _lastUsed, Time.GetTimestamp());

    /// <summary>Publishes a message.</summary>
    /// <param name="entry">The message, encoded.</param>
    /// <param name="cancellationToken">Gives up, where there is something to wait for.</param>
    /// <param name="position">Its position.</param>
    /// <returns>False if this is retired, and nothing was done.</returns>
    public abstract bool TryPublish(LogEntry entry, CancellationToken cancellationToken, out ValueTask<EventStreamPosition> position);

    /// <summary>Publishes a list of messages.</summary>
    /// <returns>False if this is retired, and nothing was done.</returns>
    public abstract bool TryPublish(LogEntry[] entries, CancellationToken cancellationToken, out ValueTask<EventStreamPosition[]> positions);

    /// <summary>Ends the channel after its last message.</summary>
    /// <returns>False if this is retired, and nothing was done.</returns>
    public abstract bool TryComplete(CancellationToken cancellationToken, out Task completion);

    /// <summary>Completes when the ring has all that there is now, or this is retired.</summary>
    public abstract Task CatchUpAsync();

    /// <summary>The same, for a caller who is to be told if the log does not answer before the app stops.</summary>
    public abstract Task CatchUpAsync(CancellationToken cancellationToken);

    /// <summary>Whether a position may be one that this node has only to read of.</summary>
    public abstract bool MayBeBehind(Resume resume);

    /// <summary>What of a history can be had by one who comes now.</summary>
    /// <param name="history">A history of the channel.</param>
    /// <param name="last">How many of the newest messages it would begin with.</param>
    public abstract ResumeWindow WindowOf(ChannelHistory history, int last);

    /// <summary>The sequence after which everything that can be had of a history begins; smaller ones are a gap.</summary>
    public abstract long BeforeOldestOf(ChannelHistory history);

    /// <summary>Reads what follows a position that is further back than the ring goes; null: it is lost.</summary>
    public abstract Task<LogPage>? ReadBehindRing(ChannelHistory history, long after);

    /// <summary>Retires the channel if it was not used for long, and nothing is lost by that.</summary>
    public abstract bool TryRetireIdle();

    /// <summary>Retires the channel if nothing uses it, and it was never published to, or its run has failed. The next of the name takes the positions of one that had no message.</summary>
    public abstract bool TryRetireUseless();

    protected bool IsIdle() => Time.GetTimestamp() - Volatile.Read(ref _lastUsed) >= Time.TimestampsIn(Definition.Options.IdleTimeout);
}
