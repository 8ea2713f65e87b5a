using System.Data.Common;
using System.Runtime.CompilerServices;

namespace EventStream.AspNetCore;

/// <summary>Publishes messages to channels: what code depends on that only publishes, and what its tests replace.</summary>
/// <remarks>
/// <para>
/// <see cref="EventStreamHub"/> implements it, and <c>AddEventStreams</c> registers it.
/// <see cref="EventStreamPublisherExtensions"/> has the same methods for values, which become messages.
/// The package <c>EventStream.Testing</c> has a <c>RecordingPublisher</c> for unit tests.
/// </para>
/// <para>Any thread may call any member. Publishing never waits for a subscriber.</para>
/// </remarks>
public interface IEventStreamPublisher
{
    /// <summary>Publishes a message to a channel.</summary>
    /// <param name="channel">The channel's name; one of a pattern is made if there is none.</param>
    /// <param name="message">The message, without an id: the channel gives it one.</param>
    /// <param name="metadata">What subscriptions may choose by; null, the default, is nothing.</param>
    /// <param name="cancellationToken">
    /// Gives up before the message is published; a message that is published stays. On its way to a log, it has a second more.
    /// If the log has not answered by then, the exception's inner <see cref="EventStreamLogException"/> says that it may be published.
    /// </param>
    /// <returns>The message's position.</returns>
    /// <exception cref="ArgumentException">
    /// No channel or pattern of this name was added. Or the message is empty, has an id, is larger than
    /// <see cref="EventStreamChannelOptions.MaxBytes"/>, or has a reserved event that <see cref="EventStreamProtocol.AllowedEvents"/> does
    /// not have. Or the metadata has a key that is too long, or in a log a tag that is no string.
    /// </exception>
    /// <exception cref="InvalidOperationException">The channel is complete.</exception>
    /// <exception cref="EventStreamLogException">The log behind the channel did not take the message.</exception>
    [OverloadResolutionPriority(1)] // For null and new(), which could be meant for a transaction.
    ValueTask<EventStreamPosition> PublishAsync(
        string channel, EventStreamMessage message, EventStreamMetadata? metadata = null, CancellationToken cancellationToken = default);

    /// <summary>Publishes a message to a channel if, and when, a transaction of the caller's is committed.</summary>
    /// <remarks>
    /// The channel needs a log that is an <see cref="IEventStreamTransactionalLog"/>, such as that of <c>EventStream.PostgreSql</c>.
    /// The message has no position before the commit. Messages of one transaction keep their order.
    /// A message for a channel that is complete by then is dropped, and logged.
    /// </remarks>
    /// <param name="channel">The channel's name; one of a pattern is made if there is none.</param>
    /// <param name="message">The message, without an id: the channel gives it one.</param>
    /// <param name="transaction">
    /// A transaction that has not ended, in the database of the log. One thread at a time may use it.
    /// With EF Core: <c>transaction.GetDbTransaction()</c> of the namespace <c>Microsoft.EntityFrameworkCore.Storage</c>.
    /// </param>
    /// <param name="metadata">What subscriptions may choose by; null, the default, is nothing.</param>
    /// <param name="cancellationToken">Gives up; the transaction can then only be rolled back.</param>
    /// <exception cref="ArgumentException">
    /// As without a transaction. Or the transaction has ended, or is not of the log's kind of database.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The channel's messages stay in this process, or its log takes none in a transaction.
    /// </exception>
    /// <exception cref="EventStreamLogException">
    /// The transaction cannot write to the log: it lacks a right, or is in another database.
    /// </exception>
    /// <exception cref="DbException">What else went wrong in the transaction.</exception>
    ValueTask PublishAsync(
        string channel,
        EventStreamMessage message,
        DbTransaction transaction,
        EventStreamMetadata? metadata = null,
        CancellationToken cancellationToken = default);

    /// <summary>Publishes messages together: all of them or none, one after the other and without another between them.</summary>
    /// <param name="channel">The channel's name; one of a pattern is made if there is none.</param>
    /// <param name="messages">
    /// The messages, as for one, in any sequence. It is enumerated once, before anything is published. If there are none, nothing is done.
    /// </param>
    /// <param name="metadata">
    /// What subscriptions may choose by, the same for each; null, the default, is nothing. An
    /// <see cref="EventStreamMetadata.IdempotencyKey"/> is that of the whole, for a repetition with the same messages.
    /// </param>
    /// <param name="cancellationToken">Gives up before the messages are published, as for one.</param>
    /// <returns>A position for each message.</returns>
    /// <exception cref="ArgumentException">
    /// No channel or pattern of this name was added, or one of the messages cannot be published to it.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The channel is complete, or a list of another length has the same idempotency key.
    /// </exception>
    /// <exception cref="EventStreamLogException">The log behind the channel did not take the messages.</exception>
    [OverloadResolutionPriority(1)] // For null and new(), which could be meant for a transaction.
    ValueTask<IReadOnlyList<EventStreamPosition>> PublishBatchAsync(
        string channel,
        IEnumerable<EventStreamMessage> messages,
        EventStreamMetadata? metadata = null,
        CancellationToken cancellationToken = default);

    /// <summary>Publishes messages together if, and when, a transaction of the caller's is committed.</summary>
    /// <remarks>
    /// All of them are published or none, one after the other and without another between them. What holds for one message in a
    /// transaction holds for them.
    /// </remarks>
    /// <param name="channel">The channel's name; one of a pattern is made if there is none.</param>
    /// <param name="messages">The messages, in any sequence. It is enumerated once. If there are none, nothing is done.</param>
    /// <param name="transaction">A transaction that has not ended, in the database of the log. One thread at a time may use it.</param>
    /// <param name="metadata">
    /// What subscriptions may choose by, the same for each; null, the default, is nothing. An
    /// <see cref="EventStreamMetadata.IdempotencyKey"/> is that of the whole.
    /// </param>
    /// <param name="cancellationToken">Gives up; the transaction can then only be rolled back.</param>
    /// <exception cref="ArgumentException">
    /// As without a transaction. Or the transaction has ended, or is not of the log's kind of database.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The channel's messages stay in this process, or its log takes none in a transaction.
    /// </exception>
    /// <exception cref="EventStreamLogException">
    /// The transaction cannot write to the log: it lacks a right, or is in another database.
    /// </exception>
    /// <exception cref="DbException">What else went wrong in the transaction.</exception>
    ValueTask PublishBatchAsync(
        string channel,
        IEnumerable<EventStreamMessage> messages,
        DbTransaction transaction,
        EventStreamMetadata? metadata = null,
        CancellationToken cancellationToken = default);
}
