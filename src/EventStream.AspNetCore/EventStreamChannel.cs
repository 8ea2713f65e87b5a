using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore;

/// <summary>A named sequence of messages, delivered to all subscribers; a client that reconnects resumes.</summary>
/// <remarks>
/// Get it from <see cref="EventStreamHub"/>, and keep it as long as you like: each member looks up the channel's history when it is called.
/// A channel of a pattern may be dropped when it is idle; the next publish creates it again. Safe from any thread. Publishing never waits
/// for a subscriber. A slow subscriber costs no more memory than a fast one: its position.
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

    /// <summary>The position of the newest message that this node knows; its sequence is 0 before the first message.</summary>
    /// <remarks>
    /// With a log, it is the newest message that this node has read. A node reads a channel while the channel has subscribers there.
    /// <see cref="GetNewestAsync"/> asks the log. If the log does not have the channel, the position is the one before the first message.
    /// The channel may get another epoch once it exists.
    /// </remarks>
    /// <value>
    /// Null: this node has not read the channel yet, or the channel is of a pattern and not in use. Reading this property does not create
    /// it.
    /// </value>
    public EventStreamPosition? Newest => (Definition.IsPattern ? Found : _channels.Get(Name))?.Newest;

    /// <summary>How many messages the channel retains in this node's memory.</summary>
    public int Count => Found?.History?.Size.Messages ?? 0;

    /// <summary>How many bytes the channel retains in this node's memory.</summary>
    public long Bytes => Found?.History?.Size.Bytes ?? 0;

    /// <summary>Whether <see cref="CompleteAsync"/> was called.</summary>
    /// <value>With a log, also true if another node completed the channel and this node has read so.</value>
    public bool IsCompleted => Found is { IsCompleted: true };

    /// <summary>How many subscribers the channel has on this node now.</summary>
    public int SubscriberCount => Found?.Subscribers.Count ?? 0;

    /// <summary>How many subscribers the channel has on all nodes that share a log.</summary>
    /// <value>Those of this node now, and those that the other nodes last reported, a few seconds ago.</value>
    public int TotalSubscriberCount => SubscriberCount + (Found?.SubscribersElsewhere ?? 0);

    /// <summary>The channel's subscribers on this node now: a copy.</summary>
    public IReadOnlyList<EventStreamSubscriber> Subscribers => Found?.Subscribers.Snapshot() ?? [];

    /// <summary>How many messages the slowest subscriber is behind.</summary>
    public long Lag =>
        Found is { History: { } history } backing && backing.Subscribers.Slowest is { } slowest
            ? Math.Max(0, history.Newest - slowest)
            : 0;

    internal ChannelRegistry Registry => _channels;

    internal ChannelDefinition Definition { get; }

    /// <summary>The history that a run fills; null if the channel was not returned by a run.</summary>
    /// <remarks>Subscribers read this history to the run's failure, even if the name has a new history by then.</remarks>
    internal ChannelBacking? Run { get; set; }

    private MessageEncoder Encoder => new(Name, Definition);

    /// <summary>The channel's current history, for members that only read; null if it is not in use.</summary>
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

    /// <summary>Finds the position of the newest message on all nodes.</summary>
    /// <remarks>With a log, it reads the log first; <see cref="Newest"/> may be behind it. It waits while the log is unavailable.</remarks>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="EventStreamLogException">The app stops while the log is unavailable.</exception>
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
    /// Each enumeration is a subscriber, as a response is. It joins at the first request for an entry, is listed in
    /// <see cref="Subscribers"/>, and leaves when the loop ends. A loop that is slower than the channel gets a gap, and never delays the
    /// publisher. A message costs no allocation.
    /// </para>
    /// <para>
    /// The enumeration ends when the channel is complete, and when the app stops. It rethrows the exception of a run. If the channel has a
    /// new epoch in the log, it continues there after a gap. Cancelling ends the wait for an entry, leaves the channel, and throws
    /// <see cref="OperationCanceledException"/>. It waits while the log is unavailable.
    /// </para>
    /// <para>
    /// Messages for one user are left out; see the overload with a subscription.
    /// <see cref="EventStreamChannelOptions.AuthorizationPolicy"/> is not evaluated, because the caller is the app.
    /// </para>
    /// </remarks>
    /// <param name="after">
    /// The position to read after. A position that cannot be resumed, such as one of another channel, gives a gap. Null, the default: start
    /// where <see cref="EventStreamChannelOptions.Start"/> says.
    /// </param>
    /// <param name="filter">
    /// Chooses messages, like <see cref="EventStreamSubscriptionOptions.Filter"/>. Its exceptions end the loop. Null, the default: all.
    /// </param>
    /// <param name="cancellationToken">Ends the reading. A token of <c>WithCancellation</c> ends it as well.</param>
    /// <returns>The entries. It may be enumerated several times, also at once: each is a subscriber of its own.</returns>
    public IAsyncEnumerable<EventStreamEntry> ReadAsync(
        EventStreamPosition? after = null, Func<EventStreamEntry, bool>? filter = null, CancellationToken cancellationToken = default) =>
        ChannelEntries.ReadAsync(this, after, new() { Filter = filter }, cancellationToken);

    /// <summary>Reads the channel in this process with a subscription's start, filter, user and sender.</summary>
    /// <remarks>
    /// It reads like <see cref="ReadAsync(EventStreamPosition?, Func{EventStreamEntry, bool}?, CancellationToken)"/>. If the subscription
    /// has a user, it also ends when <c>DisconnectAsync</c> selects it: an <see cref="EventStreamSelector"/> finds it by that user, and by
    /// the channel. It may end without such a call, if this node cannot know whether one was missed; for example, the log was restored
    /// from a backup. Then read again after the last position, if the user still may.
    /// </remarks>
    /// <param name="after">The position to read after; null: where the subscription, or the channel, begins.</param>
    /// <param name="subscription">
    /// Start, filter, user and sender. If <see cref="EventStreamSubscriptionOptions.User"/> is null, the reader has no user, because there
    /// is no request. Entries keep their own event names: <see cref="EventStreamSubscriptionOptions.RenameEvent"/> is ignored.
    /// </param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The entries.</returns>
    [OverloadResolutionPriority(1)] // For null and new(), which could be meant for a filter.
    public IAsyncEnumerable<EventStreamEntry> ReadAsync(
        EventStreamPosition? after = null,
        EventStreamSubscriptionOptions? subscription = null,
        CancellationToken cancellationToken = default) =>
        ChannelEntries.ReadAsync(this, after, subscription, cancellationToken);

    /// <summary>Lists the messages that the channel retains in this node's memory now, the oldest first.</summary>
    /// <remarks>
    /// With a log, this node reads the log first, so the list has the newest message of all nodes. The log may have older messages than
    /// <see cref="EventStreamChannelOptions.Capacity"/> and <see cref="EventStreamChannelOptions.MaxBytes"/> allow in memory. They are not
    /// in the list; <c>ReadAsync</c> after an earlier position reads them. A channel in memory completes the call at once. To continue
    /// without a gap, read after the last entry's position. A channel of a pattern that does not exist has no messages, and this call does
    /// not create it.
    /// </remarks>
    /// <param name="subscription">
    /// Start, filter, user and sender. Null, the default: all messages except those for one user. Here its
    /// <see cref="EventStreamSubscriptionOptions.Start"/> is the oldest message by default.
    /// </param>
    /// <param name="cancellationToken">Cancels the wait for the log.</param>
    /// <returns>A copy. It never contains a gap.</returns>
    /// <exception cref="EventStreamLogException">The app stops while the log is unavailable.</exception>
    public ValueTask<IReadOnlyList<EventStreamEntry>> GetRetainedAsync(
        EventStreamSubscriptionOptions? subscription = null, CancellationToken cancellationToken = default) =>
        RetainedEntries.ListAsync(this, subscription, cancellationToken);

    /// <summary>Ends the channel after its last message.</summary>
    /// <remarks>
    /// Subscribers get the messages that they have not read, then <see cref="EventStreamProtocol.End"/>, and do not reconnect. Retained
    /// messages can still be read. A second call does nothing.
    /// </remarks>
    /// <param name="cancellationToken">Cancels before the channel is complete, with the limits that publishing has.</param>
    /// <exception cref="EventStreamLogException">The log is unavailable.</exception>
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

    /// <summary>The channel's current history, created if there is none. Another thread may retire it at any moment.</summary>
    private ChannelBacking Used()
    {
        var backing = _channels.Get(Name);
        backing.Touch();
        return backing;
    }
}
