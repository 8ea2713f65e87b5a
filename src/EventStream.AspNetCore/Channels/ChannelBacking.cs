using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Channels;

/// <summary>The store of one channel's messages: memory, or a log whose newest messages are in this node's ring.</summary>
/// <remarks>
/// The <see cref="ChannelRegistry"/> creates it when a channel is first used, and another one after it is retired, or its run has failed.
/// Any thread may call any member.
/// </remarks>
/// <param name="channel">The app's handle of the channel.</param>
internal abstract class ChannelBacking(EventStreamChannel channel)
{
    private long _lastUsed = channel.Definition.Host.Time.GetTimestamp();

    public EventStreamChannel Channel => channel;

    public string Name => channel.Name;

    public ChannelDefinition Definition => channel.Definition;

    /// <summary>The channel's subscribers on this node. A history and its successor share them.</summary>
    public abstract SubscriberList Subscribers { get; }

    /// <summary>The channel's current history; null if this node has not read it yet.</summary>
    public abstract ChannelHistory? History { get; }

    /// <summary>The facts about that history; null if it has not begun.</summary>
    public abstract KnownHistory? Known { get; }

    /// <summary>The epoch of a subscriber's position while the log does not have the channel; null without a log.</summary>
    public abstract string? Origin { get; }

    /// <summary>Whether its history is retired, so that the caller must look the channel up again.</summary>
    public abstract bool IsRetired { get; }

    /// <summary>Whether this node knows that the channel was published to.</summary>
    /// <remarks>Then it exists for subscribers without <see cref="EventStreamChannelOptions.CreateOnSubscribe"/>.</remarks>
    public abstract bool Exists { get; }

    /// <summary>Whether the channel was completed, as far as this node knows.</summary>
    public abstract bool IsCompleted { get; }

    /// <summary>How many subscribers the channel has on other nodes.</summary>
    public abstract int SubscribersElsewhere { get; }

    /// <summary>The lease without which messages to named users are held; null if none is needed.</summary>
    public abstract NodeLease? Lease { get; }

    /// <summary>The position of the newest message; null: this node has not read the channel yet.</summary>
    public abstract EventStreamPosition? Newest { get; }

    protected TimeProvider Time => Definition.Host.Time;

    /// <summary>Notes that the channel is used, so that it is not idle until the idle timeout has passed.</summary>
    public void Touch() => Volatile.Write(ref _lastUsed, Time.GetTimestamp());

    /// <summary>Publishes a message.</summary>
    /// <param name="entry">The message, encoded.</param>
    /// <param name="cancellationToken">Cancels the wait for a log.</param>
    /// <param name="position">Its position.</param>
    /// <returns>False if this is retired, and nothing was done.</returns>
    public abstract bool TryPublish(RingEntry entry, CancellationToken cancellationToken, out ValueTask<EventStreamPosition> position);

    /// <summary>Publishes a list of messages.</summary>
    /// <returns>False if this is retired, and nothing was done.</returns>
    public abstract bool TryPublish(
        RingEntry[] entries, CancellationToken cancellationToken, out ValueTask<EventStreamPosition[]> positions);

    /// <summary>Gets the log, if it supports the caller's transactions.</summary>
    /// <exception cref="InvalidOperationException">The channel has no such log.</exception>
    public abstract IEventStreamTransactionalLog GetTransactionalLog();

    /// <summary>Ends the channel after its last message.</summary>
    /// <returns>False if this is retired, and nothing was done.</returns>
    public abstract bool TryComplete(CancellationToken cancellationToken, out Task completion);

    /// <summary>Completes when the ring has every message that the log has now, or this is retired.</summary>
    public abstract Task CatchUpAsync();

    /// <summary>Catches up, and throws if the log does not answer before the app stops.</summary>
    /// <exception cref="EventStreamLogException">The app stops before the log has answered.</exception>
    public abstract Task CatchUpAsync(CancellationToken cancellationToken);

    /// <summary>Whether this node may have to read the log before it can resume at a position.</summary>
    public abstract bool MayBeBehind(Resume resume);

    /// <summary>Gets the part of a history that a subscriber which joins now can read.</summary>
    /// <param name="history">A history of the channel.</param>
    /// <param name="last">With how many of the newest messages it would begin.</param>
    public abstract ResumeWindow WindowOf(ChannelHistory history, int last);

    /// <summary>Gets the sequence after which a history can be read; a position before it is a gap.</summary>
    public abstract long BeforeOldestOf(ChannelHistory history);

    /// <summary>Whether messages that the ring has evicted may still be in a log.</summary>
    public abstract bool GoesBehindRing { get; }

    /// <summary>Reads the messages after a position that the ring has evicted; only if <see cref="GoesBehindRing"/>.</summary>
    public abstract Task<LogPage> ReadBehindRing(ChannelHistory history, long after);

    /// <summary>Retires an idle channel, if no message is lost by that.</summary>
    public abstract bool TryRetireIdle();

    /// <summary>Retires an unused channel that never had a message.</summary>
    /// <remarks>No position is lost: the next channel of the name has the same position before its first message.</remarks>
    public abstract bool TryRetireUnbegun();

    protected bool IsIdle() => Time.GetTimestamp() - Volatile.Read(ref _lastUsed) >= Time.TimestampsIn(Definition.Options.IdleTimeout);
}
