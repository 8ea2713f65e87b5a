using System.Data.Common;
using System.Runtime.CompilerServices;

namespace EventStream.AspNetCore;

/// <summary>Publishes messages to channels; code that only publishes depends on it, and tests replace it.</summary>
/// <remarks>
/// <para>
/// <see cref="EventStreamHub"/> implements it, and <c>AddEventStreams</c> registers it. <see cref="EventStreamPublisherExtensions"/> has
/// the same methods for values, which become messages. The package <c>EventStream.Testing</c> has a <c>RecordingPublisher</c> for unit
/// tests.
/// </para>
/// <para>Any thread may call any member. Publishing never waits for a subscriber.</para>
/// </remarks>
public interface IEventStreamPublisher
{
    /// <summary>Publishes a message to a channel.</summary>
    /// <param name="channel">The channel's name; a name that matches a pattern creates the channel.</param>
    /// <param name="message">The message, without an id, because the channel sets it.</param>
    /// <param name="metadata">The metadata by which subscriptions choose; null, the default, is none.</param>
    /// <param name="cancellationToken">
    /// Cancels before the message is published; a published message stays. An append to a log that is running has one more second. If the
    /// log has not answered by then, the outcome is unknown, as the inner <see cref="EventStreamLogException"/> says.
    /// </param>
    /// <returns>The message's position.</returns>
    /// <exception cref="ArgumentException">
    /// No channel or pattern of this name was added. Or the message is empty, has an id, is larger than
    /// <see cref="EventStreamChannelOptions.MaxBytes"/>, or has a reserved event that <see cref="EventStreamProtocol.AllowedEvents"/> does
    /// not allow. Or the metadata has a key that is too long, or, with a log, a tag that is not a string.
    /// </exception>
    /// <exception cref="InvalidOperationException">The channel is complete.</exception>
    /// <exception cref="EventStreamLogException">The log is unavailable, or rejected the message.</exception>
    [OverloadResolutionPriority(1)] // For null and new(), which could be meant for a transaction.
    ValueTask<EventStreamPosition> PublishAsync(
        string channel, EventStreamMessage message, EventStreamMetadata? metadata = null, CancellationToken cancellationToken = default);

    /// <summary>Publishes a message to a channel when the caller's transaction is committed, and not if it is rolled back.</summary>
    /// <remarks>
    /// The channel needs a log that is an <see cref="IEventStreamTransactionalLog"/>, such as that of <c>EventStream.PostgreSql</c>. The
    /// message has no position before the commit. Messages of one transaction keep their order. If the channel is complete by then, the
    /// message is dropped, with a log text.
    /// </remarks>
    /// <param name="channel">The channel's name; a name that matches a pattern creates the channel.</param>
    /// <param name="message">The message, without an id, because the channel sets it.</param>
    /// <param name="transaction">
    /// A transaction that has not ended, in the database of the log. One thread at a time may use it. With EF Core:
    /// <c>transaction.GetDbTransaction()</c> of the namespace <c>Microsoft.EntityFrameworkCore.Storage</c>.
    /// </param>
    /// <param name="metadata">The metadata by which subscriptions choose; null, the default, is none.</param>
    /// <param name="cancellationToken">Cancels; the transaction can then only be rolled back.</param>
    /// <exception cref="ArgumentException">
    /// The same as without a transaction. Or the transaction has ended, or is not of the log's kind of database.
    /// </exception>
    /// <exception cref="InvalidOperationException">The channel is in memory, or its log does not support transactions.</exception>
    /// <exception cref="EventStreamLogException">
    /// The transaction cannot write to the log: it lacks a right, or is in another database.
    /// </exception>
    /// <exception cref="DbException">Any other error of the transaction.</exception>
    ValueTask PublishAsync(
        string channel,
        EventStreamMessage message,
        DbTransaction transaction,
        EventStreamMetadata? metadata = null,
        CancellationToken cancellationToken = default);

    /// <summary>Publishes messages together: all of them or none, without another message between them.</summary>
    /// <param name="channel">The channel's name; a name that matches a pattern creates the channel.</param>
    /// <param name="messages">
    /// The messages, each as for <c>PublishAsync</c>. They are enumerated once, before anything is published. An empty sequence does
    /// nothing.
    /// </param>
    /// <param name="metadata">
    /// The metadata of each message; null, the default, is none. An <see cref="EventStreamMetadata.IdempotencyKey"/> is the key of the
    /// whole list, for a repetition with the same messages.
    /// </param>
    /// <param name="cancellationToken">Cancels before the messages are published, with the limits that one message has.</param>
    /// <returns>A position for each message.</returns>
    /// <exception cref="ArgumentException">
    /// No channel or pattern of this name was added, or one of the messages cannot be published to it.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The channel is complete, or a list of another length has the same idempotency key.
    /// </exception>
    /// <exception cref="EventStreamLogException">The log is unavailable, or rejected the messages.</exception>
    [OverloadResolutionPriority(1)] // For null and new(), which could be meant for a transaction.
    ValueTask<IReadOnlyList<EventStreamPosition>> PublishBatchAsync(
        string channel,
        IEnumerable<EventStreamMessage> messages,
        EventStreamMetadata? metadata = null,
        CancellationToken cancellationToken = default);

    /// <summary>Publishes messages together when the caller's transaction is committed.</summary>
    /// <remarks>
    /// All of them are published or none, in their order and without another message between them. The rules for one message in a
    /// transaction also apply here.
    /// </remarks>
    /// <param name="channel">The channel's name; a name that matches a pattern creates the channel.</param>
    /// <param name="messages">The messages. They are enumerated once. An empty sequence does nothing.</param>
    /// <param name="transaction">A transaction that has not ended, in the database of the log. One thread at a time may use it.</param>
    /// <param name="metadata">
    /// The metadata of each message; null, the default, is none. An <see cref="EventStreamMetadata.IdempotencyKey"/> is the key of the
    /// whole list.
    /// </param>
    /// <param name="cancellationToken">Cancels; the transaction can then only be rolled back.</param>
    /// <exception cref="ArgumentException">
    /// The same as without a transaction. Or the transaction has ended, or is not of the log's kind of database.
    /// </exception>
    /// <exception cref="InvalidOperationException">The channel is in memory, or its log does not support transactions.</exception>
    /// <exception cref="EventStreamLogException">
    /// The transaction cannot write to the log: it lacks a right, or is in another database.
    /// </exception>
    /// <exception cref="DbException">Any other error of the transaction.</exception>
    ValueTask PublishBatchAsync(
        string channel,
        IEnumerable<EventStreamMessage> messages,
        DbTransaction transaction,
        EventStreamMetadata? metadata = null,
        CancellationToken cancellationToken = default);
}
