using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Channels;

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

    /// <summary>The position of the newest message; its sequence is 0 as long as there was none.</summary>
    /// <remarks>
    /// Where there is a log, it is the newest message that this node has read, which it does while the channel has subscribers here.
    /// Before the first of them the position is of no history, and to resume from it is a gap. <see cref="GetNewestAsync"/> asks the log.
    /// Where the log does not have the channel, the position is the one before the first message, whose epoch may be another one's.
    /// </remarks>
    public EventStreamPosition Newest => _channels.Get(Name).Newest;

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
    public int TotalSubscriberCount => SubscriberCount + _channels.Get(Name).SubscribersElsewhere;

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
        ChannelBacking backing;
        do
        {
            backing = _channels.Get(Name);
            await backing.CatchUpAsync(cancellationToken);
        }
        while (backing.IsRetired);

        return backing.Newest;
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

    /// <summary>Publishes a value that is neither text nor messages.</summary>
    internal ValueTask<EventStreamPosition> PublishJsonAsync<T>(
        T value, EventStreamMetadata? metadata, string? eventName, JsonTypeInfo<T>? jsonTypeInfo, CancellationToken cancellationToken) =>
        Publish(Encoder.EncodeJson(value, eventName, jsonTypeInfo), metadata, cancellationToken);

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
        Encoder.Check(metadata);
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
