using System.Data.Common;

namespace EventStream.AspNetCore;

/// <summary>A log that can also append records in the caller's transaction.</summary>
/// <remarks>
/// Optional for a log. Without it, publishing in a transaction throws. Each record is appended once, when its transaction is committed, and
/// never if it is rolled back. Then every promise of <see cref="IEventStreamLog"/> about appended records holds.
/// </remarks>
public interface IEventStreamTransactionalLog : IEventStreamLog
{
    /// <summary>Raised once for records that were appended on this node after their transactions were committed.</summary>
    /// <remarks>
    /// Its arguments are the channel's name, and the number of records. The hub counts them in the metric
    /// <c>event_stream.channel.published</c>. Any thread may raise it. The handler never throws, and does not block.
    /// </remarks>
    event Action<string, int>? Appended;

    /// <summary>Takes records that the log appends when the transaction is committed.</summary>
    /// <remarks>
    /// The channel gets the records of a call together, without another record between them. The records of one transaction keep their
    /// order. If the channel is complete by then, the records are dropped, and the log writes a log text.
    /// </remarks>
    /// <param name="records">At least one. All are of one channel, and have the same metadata.</param>
    /// <param name="transaction">The caller's transaction. The log neither commits it nor rolls it back.</param>
    /// <param name="cancellationToken">Cancels. The transaction can then only be rolled back.</param>
    /// <exception cref="ArgumentException">
    /// The transaction is not of the log's kind of database, or has ended. Or a record has text that the log cannot store.
    /// </exception>
    /// <exception cref="EventStreamLogException">
    /// The transaction cannot write to the log: it lacks a right, or is in another database.
    /// </exception>
    ValueTask AppendAsync(IReadOnlyList<EventStreamLogRecord> records, DbTransaction transaction, CancellationToken cancellationToken);
}
