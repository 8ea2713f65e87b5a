using System.Data.Common;

namespace EventStream.AspNetCore;

/// <summary>A log that also takes messages in a transaction of the caller's.</summary>
/// <remarks>
/// Optional for a log. Without it, the hub refuses to publish in a transaction. Each record is appended once, if and when its
/// transaction is committed. Then everything that <see cref="IEventStreamLog"/> says of appended records holds.
/// </remarks>
public interface IEventStreamTransactionalLog : IEventStreamLog
{
    /// <summary>Raised once for records that were appended on this node after their transactions were committed.</summary>
    /// <remarks>
    /// It gets the channel's name, and how many records. The hub counts them in the meter's <c>event_stream.channel.published</c>.
    /// Any thread may raise it. The handler never throws, and does not block.
    /// </remarks>
    event Action<string, int>? Appended;

    /// <summary>Takes records that are to be appended if, and when, the transaction is committed.</summary>
    /// <remarks>
    /// The channel gets the records of a call together, without another between them. Those of one transaction keep their order.
    /// Records for a channel that is complete by then are dropped, and the log says so.
    /// </remarks>
    /// <param name="records">At least one. All are of one channel, and have the same metadata.</param>
    /// <param name="transaction">The caller's transaction. The log neither commits it nor rolls it back.</param>
    /// <param name="cancellationToken">Gives up. The transaction may be of no more use then.</param>
    /// <exception cref="ArgumentException">
    /// The transaction is not of the log's kind of database, or has ended. Or a record has text that the log cannot store.
    /// </exception>
    /// <exception cref="EventStreamLogException">
    /// The transaction cannot write to the log: it lacks a right, or is in another database.
    /// </exception>
    ValueTask AppendAsync(IReadOnlyList<EventStreamLogRecord> records, DbTransaction transaction, CancellationToken cancellationToken);
}
