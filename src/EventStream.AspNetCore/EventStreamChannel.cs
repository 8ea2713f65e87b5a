using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Sources;

namespace EventStream.AspNetCore;

/// <summary>
/// A bounded log of messages, and everybody who reads it: what is published once is delivered to all, and those who come back resume where
/// they were.
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

    /// <summary>The run whose channel this is: it is read to its failure also where the name belongs to another by then. Null: there is none.</summary>
    internal ChannelBacking? Run { get; set; }

    private MessageEncoder Encoder => new(Name, Definition);

    /// <summary>The channel as it is now, for those who only look; null: it is not in use.</summary>
    private ChannelBacking? Found => _channels.Find(Name);

    /// <summary>Publishes a message: encodes it, gives it the next sequence, and wakes the subscribers.</summary>
    /// <param name="message">The message, without an id: the channel gives it one.</param>
    /// <param name="metadata">What subscriptions may choose by; null, the default, is nothing.</param>
    /// <param name="cancellationToken">
    /// Gives up before the message is published; a message that is published stays. On its way to a log, it has a second more.
    /// If the log has not answered by then, the exception's inner <see cref="EventStreamLogException"/> says that it may be published.
    /// </param>
    /// <returns>Its position.</returns>
    /// <exception cref="ArgumentException">
    /// The message is empty, has an id, or is larger than <see cref="EventStreamChannelOptions.MaxBytes"/>. Or its event is reserved, and
    /// <see cref="EventStreamProtocol.AllowedEvents"/> does not have it.
    /// </exception>
    /// <exception cref="InvalidOperationException">The channel is complete.</exception>
    [OverloadResolutionPriority(1)]
    public ValueTask<EventStreamPosition> PublishAsync(EventStreamMessage message, EventStreamMetadata? metadata = null, CancellationToken cancellationToken = default) =>
        Publish(Encoder.Encode(message), metadata, cancellationToken);

    /// <summary>
    /// Publishes a value as the data of a default event: strings and UTF-8 bytes as they are, everything else as JSON by the app's own
    /// options.
    /// </summary>
    /// <remarks>
    /// The type at run time decides, also where the value is declared as <see cref="object"/>. A message is published as a message, and a
    /// sequence of messages as those messages, together. A frame never becomes JSON: an <c>SseItem&lt;T&gt;</c>, a task, or an
    /// <c>IAsyncEnumerable</c> of messages is refused.
    /// </remarks>
    /// <param name="value">The value.</param>
    /// <param name="metadata">What subscriptions may choose by; null, the default, is nothing.</param>
    /// <param name="jsonTypeInfo">The JSON contract; null, the default, takes it from the app's options.</param>
    /// <param name="cancellationToken">
    /// Gives up before the message is published; a message that is published stays. On its way to a log, it has a second more.
    /// If the log has not answered by then, the exception's inner <see cref="EventStreamLogException"/> says that it may be published.
    /// </param>
    /// <typeparam name="T">The type whose contract is used.</typeparam>
    /// <returns>Its position; of a sequence of messages, that of the last one, and the default position if there is none.</returns>
    /// <exception cref="ArgumentException">
    /// The value is null text, or larger than <see cref="EventStreamChannelOptions.MaxBytes"/>.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The channel is complete. Or the value is a frame that cannot be published, such as a task of a
    /// message.
    /// </exception>
    /// <exception cref="NotSupportedException">The value cannot be serialised, or there is a frame inside it.</exception>
    public ValueTask<EventStreamPosition> PublishAsync<T>(
        T value, EventStreamMetadata? metadata = null, JsonTypeInfo<T>? jsonTypeInfo = null, CancellationToken cancellationToken = default)
    {
        if (PayloadType<T>.IsMessage(value, out var message)) return PublishAsync(message, metadata, cancellationToken);
        if (PayloadType<T>.AreMessages(value, out var messages)) return PublishAllAsync(messages, metadata, cancellationToken);
        return Publish(Encoder.Encode(value, jsonTypeInfo), metadata, cancellationToken);
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
        ChannelBacking backing;
        do
        {
            backing = _channels.Get(Name);
            await backing.CatchUpAsync(cancellationToken);
        }
        while (backing.IsRetired || backing.Newest is null);

        var newest = backing.Newest.Value;
        _channels.Release(backing);
        return newest;
    }

    /// <summary>Reads the channel in this process: what follows a position, and then what is published.</summary>
    /// <remarks>
    /// <para>
    /// Each enumeration is a subscriber as a response is. It joins when it is first asked for an entry, is in <see cref="Subscribers"/>,
    /// and leaves when the loop ends. A loop that is slower than the channel gets a gap, and never delays the publisher. Each message costs no
    /// allocation.
    /// </para>
    /// <para>
    /// The enumeration ends when the channel is complete, and when the app stops. It throws what a run has thrown. Where a log
    /// has another history by now, it goes on there with a gap. Cancelling leaves the channel at once, and throws
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
        ChannelEntries.ReadAsync(this, after, filter is null ? null : new() { Filter = filter }, cancellationToken);

    /// <summary>Reads the channel in this process as a subscription of a user would.</summary>
    /// <remarks>
    /// As <see cref="ReadAsync(EventStreamPosition?, Func{EventStreamEntry, bool}?, CancellationToken)"/>, and it also ends when
    /// <see cref="EventStreamHub.DisconnectAsync"/> is called for the subscription's user.
    /// </remarks>
    /// <param name="after">The position to read after; null: where the subscription, or the channel, begins.</param>
    /// <param name="subscription">
    /// Start, filter, user and sender. Without a <see cref="EventStreamSubscriptionOptions.User"/> there is none, because there is no request.
    /// An entry has its own event name, whatever <see cref="EventStreamSubscriptionOptions.EventName"/> says.
    /// </param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The entries.</returns>
    public IAsyncEnumerable<EventStreamEntry> ReadAsync(
        EventStreamPosition? after, EventStreamSubscriptionOptions subscription, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        return ChannelEntries.ReadAsync(this, after, subscription, cancellationToken);
    }

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

    /// <summary>Publishes messages together: all of them or none, one after the other and without another between them.</summary>
    /// <param name="messages">
    /// The messages, as for one, in any sequence. It is enumerated once, before anything is published. If there are none, nothing is done.
    /// </param>
    /// <param name="metadata">
    /// What subscriptions may choose by, the same for each; an <see cref="EventStreamMetadata.IdempotencyKey"/> is that of the whole, for a
    /// repetition with the same messages.
    /// </param>
    /// <param name="cancellationToken">Gives up before the messages are published, as for one.</param>
    /// <returns>Their positions.</returns>
    /// <exception cref="ArgumentException">One of them cannot be published to this channel.</exception>
    /// <exception cref="InvalidOperationException">
    /// The channel is complete, or a list of another length has the same idempotency key.
    /// </exception>
    [OverloadResolutionPriority(1)]
    public async ValueTask<IReadOnlyList<EventStreamPosition>> PublishAsync(
        IEnumerable<EventStreamMessage> messages, EventStreamMetadata? metadata = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        cancellationToken.ThrowIfCancellationRequested();
        Encoder.Check(metadata);
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

    /// <summary>
    /// Encodes a message for this channel's log without publishing it: for a log that takes messages in by a way of its own, such as a
    /// transaction of the caller's.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="metadata">What subscriptions may choose by; null, the default, is nothing.</param>
    /// <exception cref="ArgumentException">
    /// The message cannot be published to this channel; see <see cref="PublishAsync(EventStreamMessage, EventStreamMetadata?,
    /// CancellationToken)"/>.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The channel's messages stay in this process (<see cref="EventStreamChannelOptions.InMemory"/>), so they go to no log.
    /// </exception>
    [OverloadResolutionPriority(1)]
    public EventStreamLogRecord CreateRecord(EventStreamMessage message, EventStreamMetadata? metadata = null)
    {
        Encoder.CheckGoesToALog();
        Encoder.Check(metadata);
        return Encoder.RecordOf(Encoder.Encode(message), metadata);
    }

    /// <summary>Encodes messages for this channel's log that are to be appended together, without publishing them.</summary>
    /// <param name="messages">The messages, in any sequence; it is enumerated once.</param>
    /// <param name="metadata">
    /// What subscriptions may choose by, the same for each; an <see cref="EventStreamMetadata.IdempotencyKey"/> is that of the whole. Null,
    /// the default, is nothing.
    /// </param>
    /// <returns>A record for each, for one append.</returns>
    /// <exception cref="ArgumentException">One of them cannot be published to this channel.</exception>
    /// <exception cref="InvalidOperationException">
    /// The channel's messages stay in this process (<see cref="EventStreamChannelOptions.InMemory"/>), so they go to no log.
    /// </exception>
    public IReadOnlyList<EventStreamLogRecord> CreateRecords(IEnumerable<EventStreamMessage> messages, EventStreamMetadata? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        Encoder.CheckGoesToALog();
        Encoder.Check(metadata);
        return Encoder.RecordsOf(Encoder.Encode(messages), metadata, isList: true);
    }

    /// <summary>The same for a value.</summary>
    /// <param name="value">The value: strings and UTF-8 bytes are published as they are, a message as one, everything else as JSON.</param>
    /// <param name="metadata">What subscriptions may choose by; null, the default, is nothing.</param>
    /// <param name="jsonTypeInfo">The JSON contract; null, the default, takes it from the app's options.</param>
    /// <typeparam name="T">The type whose contract is used.</typeparam>
    /// <exception cref="ArgumentException">The value cannot be published to this channel.</exception>
    /// <exception cref="InvalidOperationException">
    /// The channel's messages stay in this process (<see cref="EventStreamChannelOptions.InMemory"/>), so they go to no log.
    /// Or the value is a frame; for a sequence of messages there is <see cref="CreateRecords"/>.
    /// </exception>
    /// <exception cref="NotSupportedException">The value cannot be serialised, or there is a frame inside it.</exception>
    public EventStreamLogRecord CreateRecord<T>(T value, EventStreamMetadata? metadata = null, JsonTypeInfo<T>? jsonTypeInfo = null)
    {
        if (PayloadType<T>.IsMessage(value, out var message)) return CreateRecord(message, metadata);
        Encoder.CheckGoesToALog();
        Encoder.Check(metadata);
        return Encoder.RecordOf(Encoder.Encode(value, jsonTypeInfo), metadata);
    }

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

    private ValueTask<EventStreamPosition> Publish(RingEntry entry, EventStreamMetadata? metadata, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Encoder.Check(metadata);
        entry.Metadata = metadata;
        entry.PublishedAt = Definition.Host.Time.GetTimestamp();
        ValueTask<EventStreamPosition> position;
        while (!Used().TryPublish(entry, cancellationToken, out position))
        {
        }

        return position;
    }

    /// <summary>Publishes messages together, and returns the position of the last one.</summary>
    private async ValueTask<EventStreamPosition> PublishAllAsync(
        IEnumerable<EventStreamMessage> messages, EventStreamMetadata? metadata, CancellationToken token) =>
        await PublishAsync(messages, metadata, token) is [.., var last] ? last : default;

    /// <summary>The channel as it is now, made if there is none; it may be retired before the caller has done anything with it.</summary>
    private ChannelBacking Used()
    {
        var backing = _channels.Get(Name);
        backing.Touch();
        return backing;
    }
}
