using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore;

/// <summary>
/// A named sequence of messages: each is published once and delivered to all subscribers, and a client that reconnects resumes.
/// </summary>
/// <remarks>
/// Got from <see cref="EventStreamHub"/>, and kept for as long as you like: each member looks up what the channel is at that moment. A
/// channel of a pattern may be dropped when it is idle, and is made again when it is published to. Safe from any thread. Publishing never
/// waits for a subscriber, and a slow subscriber costs no more memory than a fast one: its position.
/// </remarks>
public sealed class EventStreamChannel
{
    private readonly ChannelRegistry _channels;

    internal EventStreamChannel(ChannelRegistry channels, string name, ChannelDefinition definition)
    {
        _channels = channels;
        Name = name;
        Definition = definition;
    }

    /// <summary>The channel's name.</summary>
    public string Name { get; }

    /// <summary>The position of the newest message, as far as this node knows; its sequence is 0 as long as there was none.</summary>
    /// <remarks>
    /// Where there is a log, it is the newest message that this node has read, which it does while the channel has subscribers here.
    /// <see cref="GetNewestAsync"/> asks the log. Where the log does not have the channel, the position is the one before the first
    /// message, whose epoch may be another one's.
    /// </remarks>
    /// <value>Null: this node has not read the channel yet. Or the channel is of a pattern and not in use; it is not made for this.</value>
    public EventStreamPosition? Newest => (Definition.IsPattern ? Found : _channels.Get(Name))?.Newest;

    /// <summary>How many messages are retained, in memory.</summary>
    public int Count => Found?.History?.Size.Messages ?? 0;

    /// <summary>How many bytes are retained, in memory.</summary>
    public long Bytes => Found?.History?.Size.Bytes ?? 0;

    /// <summary>
    /// Whether <see cref="CompleteAsync"/> was called. Where there is a log: on this node, or on another, as far as this node has read.
    /// </summary>
    public bool IsCompleted => Found is { IsCompleted: true };

    /// <summary>How many subscribers there are now, on this node.</summary>
    public int SubscriberCount => Found?.Subscribers.Count ?? 0;

    /// <summary>
    /// How many subscribers there are on all nodes that share a log: those of this node now, those of the others as they last told, a few
    /// seconds ago.
    /// </summary>
    public int TotalSubscriberCount => SubscriberCount + (Found?.SubscribersElsewhere ?? 0);

    /// <summary>The subscribers there are now, on this node: a copy.</summary>
    public IReadOnlyList<EventStreamSubscriber> Subscribers => Found?.Subscribers.Snapshot() ?? [];

    /// <summary>How many messages the slowest subscriber is behind.</summary>
    public long Lag => Found is { History: { } history } backing && backing.Subscribers.Slowest is { } slowest ? Math.Max(0, history.Newest - slowest) : 0;

    internal ChannelRegistry Registry => _channels;

    internal ChannelDefinition Definition { get; }

    /// <summary>
    /// The run whose channel this is: it is read to its failure also where the name belongs to another by then. Null: there is none.
    /// </summary>
    internal ChannelBacking? Run { get; set; }

    private MessageEncoder Encoder => new(Name, Definition);

    /// <summary>The channel as it is now, for those who only look; null: it is not in use.</summary>
    private ChannelBacking? Found => _channels.Find(Name);

    /// <inheritdoc cref="IEventStreamPublisher.PublishAsync(string, EventStreamMessage, EventStreamMetadata?, CancellationToken)"/>
    [OverloadResolutionPriority(1)] // For null and new(), which could be meant for a transaction.
    public ValueTask<EventStreamPosition> PublishAsync(
        EventStreamMessage message, EventStreamMetadata? metadata = null, CancellationToken cancellationToken = default) =>
        Publish(Encoder.Encode(message), metadata, cancellationToken);

    /// <inheritdoc cref="IEventStreamPublisher.PublishAsync(string, EventStreamMessage, DbTransaction, EventStreamMetadata?,
    /// CancellationToken)"/>
    public ValueTask PublishAsync(
        EventStreamMessage message,
        DbTransaction transaction,
        EventStreamMetadata? metadata = null,
        CancellationToken cancellationToken = default) =>
        Publish([message], isList: false, transaction, metadata, cancellationToken);

    /// <inheritdoc cref="IEventStreamPublisher.PublishBatchAsync(string, IEnumerable{EventStreamMessage}, EventStreamMetadata?,
    /// CancellationToken)"/>
    [OverloadResolutionPriority(1)] // For null and new(), which could be meant for a transaction.
    public async ValueTask<IReadOnlyList<EventStreamPosition>> PublishBatchAsync(
        IEnumerable<EventStreamMessage> messages, EventStreamMetadata? metadata = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        cancellationToken.ThrowIfCancellationRequested();
        MessageEncoder.Check(metadata);
        var entries = Encoder.Encode(messages);
        if (entries.Length == 0) return [];
        var now = Definition.Host.Time.GetTimestamp();
        for (var i = 0; i < entries.Length; i++) (entries[i].Metadata, entries[i].PublishedAt) = (metadata, now);
        ValueTask<EventStreamPosition[]> positions;
        while (!Used().TryPublish(entries, cancellationToken, out positions))
        {
        }

        return await positions;
    }

    /// <inheritdoc cref="IEventStreamPublisher.PublishBatchAsync(string, IEnumerable{EventStreamMessage}, DbTransaction,
    /// EventStreamMetadata?, CancellationToken)"/>
    public ValueTask PublishBatchAsync(
        IEnumerable<EventStreamMessage> messages,
        DbTransaction transaction,
        EventStreamMetadata? metadata = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return Publish(messages, isList: true, transaction, metadata, cancellationToken);
    }

    /// <summary>
    /// Finds the position of the newest message: where there is a log, the one of all nodes, which <see cref="Newest"/> may not have heard
    /// of yet.
    /// </summary>
    /// <remarks>Waits while the log is out of reach.</remarks>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EventStreamLogException">The app stops, and the log is out of reach.</exception>
    public async ValueTask<EventStreamPosition> GetNewestAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var backing = _channels.Get(Name);
            try
            {
                await backing.CatchUpAsync(cancellationToken);
                if (!backing.IsRetired && backing.Newest is { } newest) return newest;
            }
            finally
            {
                _channels.Release(backing);
            }
        }
    }

    /// <summary>Reads the channel in this process: what follows a position, and then what is published.</summary>
    /// <remarks>
    /// <para>
    /// Each enumeration is a subscriber as a response is. It joins when it is first asked for an entry, is in <see cref="Subscribers"/>,
    /// and leaves when the loop ends. A loop that is slower than the channel gets a gap, and never delays the publisher. Each message costs
    /// no allocation.
    /// </para>
    /// <para>
    /// The enumeration ends when the channel is complete, and when the app stops. It throws what a run has thrown. Where a log
    /// has another history by now, it goes on there with a gap. Cancelling ends the wait for an entry, leaves the channel, and throws
    /// <see cref="OperationCanceledException"/>. While a log cannot be reached, it waits.
    /// </para>
    /// <para>
    /// Messages for one user are left out; see the overload with a subscription.
    /// <see cref="EventStreamChannelOptions.AuthorizationPolicy"/> is not asked: the caller is the app.
    /// </para>
    /// </remarks>
    /// <param name="after">
    /// The position to read after, of this channel or not: one that cannot be resumed is a gap. Null, the default: where a subscriber
    /// without a position begins (<see cref="EventStreamChannelOptions.Start"/>).
    /// </param>
    /// <param name="filter">
    /// Chooses messages, as <see cref="EventStreamSubscriptionOptions.Filter"/>. What it throws ends the loop. Null, the default: all.
    /// </param>
    /// <param name="cancellationToken">Ends the reading. A token of <c>WithCancellation</c> ends it as well.</param>
    /// <returns>The entries. It may be enumerated several times, also at once: each is a subscriber of its own.</returns>
    public IAsyncEnumerable<EventStreamEntry> ReadAsync(
        EventStreamPosition? after = null, Func<EventStreamEntry, bool>? filter = null, CancellationToken cancellationToken = default) =>
        ChannelEntries.ReadAsync(this, after, new() { Filter = filter }, cancellationToken);

    /// <summary>Reads the channel in this process as a subscription of a user would.</summary>
    /// <remarks>
    /// As <see cref="ReadAsync(EventStreamPosition?, Func{EventStreamEntry, bool}?, CancellationToken)"/>, and it also ends when
    /// <see cref="EventStreamHub.DisconnectAsync"/> is called for the subscription's user. It ends without such a call where this node has
    /// lost track of disconnects, as where the log was set back: read again after the last position, if the user still may.
    /// </remarks>
    /// <param name="after">The position to read after; null: where the subscription, or the channel, begins.</param>
    /// <param name="subscription">
    /// Start, filter, user and sender. Without a <see cref="EventStreamSubscriptionOptions.User"/> there is none, because there is no
    /// request. An entry has its own event name, whatever <see cref="EventStreamSubscriptionOptions.RenameEvent"/> says.
    /// </param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The entries.</returns>
    [OverloadResolutionPriority(1)] // For null and new(), which could be meant for a filter.
    public IAsyncEnumerable<EventStreamEntry> ReadAsync(
        EventStreamPosition? after = null, EventStreamSubscriptionOptions? subscription = null, CancellationToken cancellationToken = default) =>
        ChannelEntries.ReadAsync(this, after, subscription, cancellationToken);

    /// <summary>Lists the messages that the channel retains in this node's memory now, the oldest first.</summary>
    /// <remarks>
    /// Where there is a log, this node reads it first, so the newest message of all nodes is in the list. Older ones than
    /// <see cref="EventStreamChannelOptions.Capacity"/> and <see cref="EventStreamChannelOptions.MaxBytes"/> allow may be in the log and
    /// are not in the list; read them by <c>ReadAsync</c> after an earlier position. In memory it completes at once.
    /// To go on without a gap, read after the last entry's position. A channel of a pattern that does not exist has no messages, and stays
    /// so.
    /// </remarks>
    /// <param name="subscription">
    /// Start, filter, user and sender. Null, the default: all messages but those for one user.
    /// Here its <see cref="EventStreamSubscriptionOptions.Start"/> is the oldest message by default.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A copy; never a gap in it.</returns>
    /// <exception cref="EventStreamLogException">The app stops, and the log is out of reach.</exception>
    public ValueTask<IReadOnlyList<EventStreamEntry>> GetRetainedAsync(
        EventStreamSubscriptionOptions? subscription = null, CancellationToken cancellationToken = default) =>
        RetainedEntries.ListAsync(this, subscription, cancellationToken);

    /// <summary>Ends the channel after its last message.</summary>
    /// <remarks>
    /// Subscribers get what they have not read, then <see cref="EventStreamProtocol.End"/>, and do not reconnect. What is retained can
    /// still be read. A second call does nothing.
    /// </remarks>
    /// <param name="cancellationToken">Gives up before the channel is completed, as publishing does.</param>
    /// <exception cref="EventStreamLogException">The log behind the channels is out of reach.</exception>
    public Task CompleteAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Task completion;
        while (!Used().TryComplete(cancellationToken, out completion))
        {
        }

        return completion;
    }

    /// <summary>Publishes a value that is neither text nor messages.</summary>
    internal ValueTask<EventStreamPosition> PublishJsonAsync<T>(
        T value, EventStreamMetadata? metadata, string? eventName, JsonTypeInfo<T>? jsonTypeInfo, CancellationToken cancellationToken) =>
        Publish(Encoder.EncodeJson(value, eventName, jsonTypeInfo), metadata, cancellationToken);

    private ValueTask<EventStreamPosition> Publish(RingEntry entry, EventStreamMetadata? metadata, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        MessageEncoder.Check(metadata);
        entry.Metadata = metadata;
        entry.PublishedAt = Definition.Host.Time.GetTimestamp();
        ValueTask<EventStreamPosition> position;
        while (!Used().TryPublish(entry, cancellationToken, out position))
        {
        }

        return position;
    }

    private ValueTask Publish(
        IEnumerable<EventStreamMessage> messages,
        bool isList,
        DbTransaction transaction,
        EventStreamMetadata? metadata,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        cancellationToken.ThrowIfCancellationRequested();
        var log = _channels.Get(Name).GetTransactionalLog();
        MessageEncoder.Check(metadata);
        var records = Encoder.RecordsOf(Encoder.Encode(messages), metadata, isList);
        return records.Length == 0 ? default : log.AppendAsync(records, transaction, cancellationToken);
    }

    /// <summary>The channel as it is now, made if there is none; it may be retired before the caller has done anything with it.</summary>
    private ChannelBacking Used()
    {
        var backing = _channels.Get(Name);
        backing.Touch();
        return backing;
    }
}
