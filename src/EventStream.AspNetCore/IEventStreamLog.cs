namespace EventStream.AspNetCore;

/// <summary>A durable store of the messages of channels, which several nodes can share.</summary>
/// <remarks>
/// <para>
/// <see cref="EventStreamBuilder.AddLog"/> puts it behind an app's channels. Each channel is a sequence of records, numbered 1, 2, 3… in
/// the order in which they became visible to readers. A node appends the messages that are published on it, and follows the channels that
/// have subscribers on it. It keeps their newest messages in memory, and serves its subscribers from there. It reads pages of channels,
/// never messages for one subscriber. At any time a node has at most two reads running, and one append. If that append takes long, a second
/// one may run, of other channels.
/// </para>
/// <para>A log must keep these promises:</para>
/// <para>
/// <b>Order</b>: a record is visible to a read, on any node, only if all records with smaller sequences of its channel are. A record that
/// was read once does not change.
/// </para>
/// <para>
/// <b>Completeness</b>: sequences rise by one for each record. Only replaced records, and records that were evicted from the front, are
/// missing.
/// </para>
/// <para>
/// <b>Durability</b>: a record that <see cref="AppendAsync"/> has returned is in every read that begins afterwards, on every node, and
/// survives a restart of the log.
/// </para>
/// <para>
/// <b>Identity</b>: an epoch names one history. The log draws it by <see cref="EventStreamPosition.NewEpoch"/> in the step that creates the
/// channel. It draws another one for each attempt, and for a channel that is created again after it was dropped. It keeps none for later
/// use, such as in an outbox. Only an append creates a channel, or the claim of a run (<see cref="IEventStreamRunLog"/>).
/// </para>
/// <para>
/// <b>Origin</b>: a channel that does not exist has an origin, which changes when a channel of its name is dropped
/// (<see cref="EventStreamLogPage.Origin"/>).
/// </para>
/// <para>
/// <b>Lost records</b>: if visible records may be lost (a restored backup, an emptied store, a failover), the channel gets a new epoch.
/// Subscribers that resume under the earlier epoch get a gap. The exception is a position that <see cref="EventStreamLogPage.Continues"/>
/// covers: that subscriber resumes without a gap. If it had not read the lost records, it never gets them.
/// </para>
/// <para><b>Atomicity</b>: an append adds all of its records of a channel or none, and no read sees a part of them.</para>
/// <para>
/// <b>Threads and errors</b>: all members are safe from any thread, are called concurrently, and never block. While the log is unavailable
/// they throw <see cref="EventStreamLogException"/> soon, and they work again when it is available.
/// </para>
/// <para>
/// A node abandons an append or a read that has not returned after a minute, and treats it as a lost connection. Give the store's client a
/// shorter limit, so that it can report what was wrong. When the app stops, a running append has one more second. A read has one more
/// second after its token was cancelled.
/// </para>
/// <para>The package <c>EventStream.Testing.Logs</c> has these promises as tests, for the authors of other logs.</para>
/// </remarks>
public interface IEventStreamLog
{
    /// <summary>The reason why the log works late, or not, on this node; null if the log knows of none.</summary>
    /// <value>
    /// Null by default. Otherwise a sentence with the cause, such as "Notifications do not arrive.", which
    /// <see cref="EventStreamHealthChecksBuilderExtensions.AddEventStreams"/> reports.
    /// </value>
    /// <remarks>
    /// Implement it only for problems that callers cannot see; the node notices failed calls by itself. Each health check reads it, so it
    /// must return at once, without a call to the store.
    /// </remarks>
    string? HealthProblem => null;

    /// <summary>Appends records of one or more channels, in their order; for each channel all or none.</summary>
    /// <remarks>
    /// <para>
    /// A read sees all records that a call has appended to a channel, or none of them. A log may commit each channel by itself. If a call
    /// has reached only some of its channels, it throws with <see cref="EventStreamLogException.IsOutcomeUnknown"/>. Any other exception
    /// must mean that nothing was appended to any channel, because the node then appends parts of the records again.
    /// </para>
    /// <para>
    /// A channel that does not exist is created, with a new epoch; an existing channel keeps its epoch. A record may have the
    /// <see cref="EventStreamMetadata.IdempotencyKey"/> of a retained record of the same channel, or of an earlier one in the call. Then it
    /// is not appended, and its result is that record's position, also if the channel is complete. A record with
    /// <see cref="EventStreamLogRecord.Replaces"/> removes the retained record with the same <see cref="EventStreamMetadata.Key"/> and
    /// <see cref="EventStreamMetadata.User"/> from the channel. A record with <see cref="EventStreamLogRecord.IsEnd"/> has no sequence: it
    /// completes the channel.
    /// </para>
    /// <para>
    /// The records of a list (<see cref="EventStreamLogRecord.Part"/>) are all in the call, one after the other. The list has one key. Keys
    /// of lists and keys of single records are separate: neither repeats the other. A log keeps the key, and the list's length, with the
    /// list's last record. If that record is retained, or is earlier in the call, nothing of the list is appended. Then the result of the
    /// last record is the retained sequence, and each record before it has one less. That also applies if the first ones were evicted.
    /// </para>
    /// </remarks>
    /// <param name="records">At least one.</param>
    /// <param name="cancellationToken">Cancelled when the node abandons the append and ignores its outcome.</param>
    /// <returns>
    /// A position for each record: the channel's epoch, and the record's sequence; for an end, the newest sequence. Null: the record was
    /// not appended, because the channel is complete, or because its run is not that of <see cref="EventStreamLogRecord.RunToken"/>.
    /// </returns>
    /// <exception cref="InvalidOperationException">
    /// A list has the key of a list of another length. The exception's text has both lengths. Nothing was appended.
    /// </exception>
    /// <exception cref="EventStreamLogException">
    /// Nothing was appended. If <see cref="EventStreamLogException.IsOutcomeUnknown"/> is true, the records of some or all channels may
    /// have been appended. If neither <see cref="EventStreamLogException.IsTransient"/> nor
    /// <see cref="EventStreamLogException.RejectsAll"/> is true either, the node next appends parts of the records, in order, until it has
    /// found the records that the log rejects alone.
    /// </exception>
    ValueTask<IReadOnlyList<EventStreamPosition?>> AppendAsync(
        IReadOnlyList<EventStreamLogRecord> records, CancellationToken cancellationToken);

    /// <summary>Reads a page of each requested channel.</summary>
    /// <param name="requests">At least one; each of another channel.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>
    /// A page for each request, in the same order. Each page is of one moment: it omits no message between the requested position and its
    /// last message.
    /// </returns>
    /// <exception cref="EventStreamLogException">The log could not be read.</exception>
    ValueTask<IReadOnlyList<EventStreamLogPage>> ReadAsync(
        IReadOnlyList<EventStreamLogRequest> requests, CancellationToken cancellationToken);

    /// <summary>Yields a hint for each channel that may have new messages, as long as it is enumerated.</summary>
    /// <remarks>
    /// A hint may be late, superfluous, or lost: only the pages decide. The first hint has no channel: each append after it gets a hint,
    /// apart from hints that are lost. To bound the delay after a lost hint, a hint without a channel follows every few seconds. If the
    /// enumeration throws, the node starts it again after a pause.
    /// </remarks>
    /// <param name="cancellationToken">Ends it.</param>
    IAsyncEnumerable<EventStreamLogHint> FollowAsync(CancellationToken cancellationToken);
}
