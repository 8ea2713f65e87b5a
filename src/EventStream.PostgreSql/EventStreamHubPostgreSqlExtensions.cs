using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using EventStream.PostgreSql.Outbox;
using Npgsql;

namespace EventStream.PostgreSql;

/// <summary>Publishes in a transaction of the caller's: the message exists exactly if what it tells of was committed.</summary>
/// <remarks>
/// The message is inserted into an outbox table, which is all that the transaction does: it sends no notification, and its commit waits for no other.
/// This node looks for the commit, and then moves the message into the channel, where it gets its position. A transaction that is held open delays no
/// other message. Where it stays open for longer than <see cref="PostgreSqlLogOptions.PollInterval"/> after its last message, or this node dies, its
/// messages arrive within one such interval of the commit. Messages of one transaction keep their order; those of different ones come in the order in which they are moved. One for a channel that is complete by then is dropped, and
/// logged. With EF Core: <c>(NpgsqlTransaction)context.Database.CurrentTransaction!.GetDbTransaction()</c>. Safe from any thread as long as the transaction is used by one at a time.
/// </remarks>
public static class EventStreamHubPostgreSqlExtensions
{
    /// <summary>Publishes a message to a channel if, and when, the transaction is committed.</summary>
    /// <param name="hub">The app's channels.</param>
    /// <param name="channel">The channel's name.</param>
    /// <param name="message">The message.</param>
    /// <param name="transaction">A transaction, not ended yet, in the database of the log, whose role may insert into the table <c>outbox</c> of the log's schema.</param>
    /// <param name="metadata">What subscriptions may choose by; null, the default, is nothing.</param>
    /// <param name="cancellationToken">Gives up; the transaction can then only be rolled back.</param>
    /// <exception cref="ArgumentException">No channel or pattern of this name was added, the message cannot be published to it, or the transaction has ended.</exception>
    /// <exception cref="InvalidOperationException">The app has no PostgreSQL log, has not been started yet, or the channel's messages stay in this process (<see cref="EventStreamChannelOptions.InMemory"/>).</exception>
    /// <exception cref="EventStreamLogException">The transaction's role lacks a right, or its database is not that of the log.</exception>
    /// <exception cref="NpgsqlException">What else went wrong in the transaction.</exception>
    [OverloadResolutionPriority(1)]
    public static ValueTask PublishAsync(
        this EventStreamHub hub, string channel, EventStreamMessage message, NpgsqlTransaction transaction, EventStreamMetadata? metadata = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(hub);
        ArgumentNullException.ThrowIfNull(transaction);
        var writer = OutboxWriter.Of(hub);
        return writer.WriteAsync([hub.GetChannel(channel).CreateRecord(message, metadata)], transaction, cancellationToken);
    }

    /// <summary>
    /// Publishes messages together if, and when, the transaction is committed: all of them or none, one after the other and without another
    /// between them.
    /// </summary>
    /// <param name="hub">The app's channels.</param>
    /// <param name="channel">The channel's name.</param>
    /// <param name="messages">The messages, in any sequence. It is enumerated once. If there are none, nothing is done.</param>
    /// <param name="transaction">
    /// A transaction, not ended yet, in the database of the log, whose role may insert into the table <c>outbox</c> of the log's schema.
    /// </param>
    /// <param name="metadata">
    /// What subscriptions may choose by, the same for each; an <see cref="EventStreamMetadata.IdempotencyKey"/> is that of the whole. Null,
    /// the default, is nothing.
    /// </param>
    /// <param name="cancellationToken">Gives up; the transaction can then only be rolled back.</param>
    /// <exception cref="ArgumentException">
    /// No channel or pattern of this name was added, a message cannot be published to it, or the transaction has ended.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The app has no PostgreSQL log, has not been started yet, or the channel's messages stay in this process
    /// (<see cref="EventStreamChannelOptions.InMemory"/>).
    /// </exception>
    /// <exception cref="EventStreamLogException">The transaction's role lacks a right, or its database is not that of the log.</exception>
    /// <exception cref="NpgsqlException">What else went wrong in the transaction.</exception>
    [OverloadResolutionPriority(1)]
    public static ValueTask PublishAsync(
        this EventStreamHub hub,
        string channel,
        IEnumerable<EventStreamMessage> messages,
        NpgsqlTransaction transaction,
        EventStreamMetadata? metadata = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(hub);
        ArgumentNullException.ThrowIfNull(transaction);
        var writer = OutboxWriter.Of(hub);
        return writer.WriteAsync(hub.GetChannel(channel).CreateRecords(messages, metadata), transaction, cancellationToken);
    }

    /// <summary>Publishes a value to a channel if, and when, the transaction is committed.</summary>
    /// <param name="hub">The app's channels.</param>
    /// <param name="channel">The channel's name.</param>
    /// <param name="value">
    /// The value: strings and UTF-8 bytes are published as they are, a message or a sequence of them as such, everything else as JSON.
    /// </param>
    /// <param name="transaction">A transaction, not ended yet, in the database of the log, whose role may insert into the table <c>outbox</c> of the log's schema.</param>
    /// <param name="metadata">What subscriptions may choose by; null, the default, is nothing.</param>
    /// <param name="jsonTypeInfo">The JSON contract; null, the default, takes it from the app's options.</param>
    /// <param name="cancellationToken">Gives up; the transaction can then only be rolled back.</param>
    /// <typeparam name="T">The type whose contract is used.</typeparam>
    /// <exception cref="ArgumentException">No channel or pattern of this name was added, the value cannot be published to it, or the transaction has ended.</exception>
    /// <exception cref="InvalidOperationException">
    /// The app has no PostgreSQL log, has not been started yet, or the channel's messages stay in this process
    /// (<see cref="EventStreamChannelOptions.InMemory"/>). Or the value is a frame that cannot be published, such as a task of a message.
    /// </exception>
    /// <exception cref="NotSupportedException">The value cannot be serialised, or there is a frame inside it.</exception>
    /// <exception cref="EventStreamLogException">The transaction's role lacks a right, or its database is not that of the log.</exception>
    /// <exception cref="NpgsqlException">What else went wrong in the transaction.</exception>
    public static ValueTask PublishAsync<T>(
        this EventStreamHub hub, string channel, T value, NpgsqlTransaction transaction, EventStreamMetadata? metadata = null, JsonTypeInfo<T>? jsonTypeInfo = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(hub);
        ArgumentNullException.ThrowIfNull(transaction);
        if (value is IEnumerable<EventStreamMessage> all) return hub.PublishAsync(channel, all, transaction, metadata, cancellationToken);
        var writer = OutboxWriter.Of(hub);
        return writer.WriteAsync([hub.GetChannel(channel).CreateRecord(value, metadata, jsonTypeInfo)], transaction, cancellationToken);
    }
}
