namespace EventStream.AspNetCore;

/// <summary>
/// A log of messages that outlives the process, and that several nodes share: what is behind the channels of an app that has called
/// <see cref="EventStreamBuilder.AddLog"/>.
/// </summary>
/// <remarks>
/// <para>
/// Each channel is a sequence of records, numbered 1, 2, 3… in the order in which they became visible to readers. A node appends what is
/// published on it, follows the channels that are read on it, and keeps their newest messages in memory, from which it serves its
/// subscribers. It never asks the log for a subscriber, only for a page of a channel; and it has at most two reads under way at a time, and
/// one append, or, where that takes long, a second one of other channels.
/// </para>
/// <para>
/// What an implementation owes. <b>Order</b>: a record is visible to every read, on every node, once all records with smaller sequences of
/// its channel are; what was read once does not change. <b>No holes</b>: sequences rise by one a record; only records that were replaced,
/// or dropped from the front, are missing.
/// <b>Durability</b>: what <see cref="AppendAsync"/> has returned is in every read that begins afterwards, on every node, and is there
/// after a restart of the log.
/// <b>Identity</b>: an epoch names one history. The log draws it by <see cref="EventStreamPosition.NewEpoch"/> in the step that makes the
/// channel. It draws another one for each attempt, and for a channel that is made again after it was dropped. It keeps none for later use,
/// such as in an outbox. Only an append makes a channel. <b>Origin</b>: a channel that does not exist has an origin, which changes when one
/// of its name is dropped (<see cref="EventStreamLogPage.Origin"/>).
/// Where records that were visible may be lost (a restored backup, a store that was emptied, a failover), the channel gets a new epoch.
/// Subscribers that resume under the earlier epoch get a gap. The exception is a position that <see cref="EventStreamLogPage.Continues"/>
/// covers: that subscriber resumes without a gap. If it had not read the lost records, it never gets them.
/// <b>Atomicity</b>: of each channel, an append has all of its records or none, and no read sees a part of them.
/// All members are safe from any thread, are called concurrently, and block none.
/// While the log is out of reach they throw <see cref="EventStreamLogException"/> soon, and work again when it is back.
/// </para>
/// <para>
/// A node abandons an append or a read that has not returned after a minute. It counts as one whose connection was lost. Give the store's
/// client a shorter limit, which can say what was wrong. When the app stops, an append that is under way has a second. A read has a second
/// after its token was cancelled.
/// </para>
/// <para>
/// The package <c>EventStream.Testing.Logs</c> has these promises as tests, for the authors of other logs.
/// </para>
/// </remarks>
public interface IEventStreamLog
{
    /// <summary>What keeps the log from working in time on this node, as it knows by itself.</summary>
    /// <value>
    /// Null by default: nothing. Otherwise a sentence with the cause, such as "Notifications do not arrive.", which
    /// <see cref="EventStreamHealthChecksBuilderExtensions.AddEventStreams"/> reports.
    /// </value>
    /// <remarks>
    /// A log overrides it where it sees more than its callers do: they notice by themselves that a call fails. It is read by each check,
    /// and answers at once, without asking the store.
    /// </remarks>
    string? HealthProblem => null;

    /// <summary>Appends records, of one channel or many, in their order: of each channel all of them or none.</summary>
    /// <remarks>
    /// <para>
    /// A read sees all records that a call has appended to a channel, or none of them. A log may commit each channel by itself. If a call
    /// has reached only some of its channels, it throws with <see cref="EventStreamLogException.IsOutcomeUnknown"/>. Any other exception
    /// says that nothing was appended to any channel, because parts of the records are appended again.
    /// </para>
    /// <para>
    /// A channel that does not exist is made, with a new epoch; the epoch of one that exists stays. A record whose
    /// <see cref="EventStreamMetadata.IdempotencyKey"/> is that of a retained record of the same channel, or of one before it in the call,
    /// is not appended, and takes that one's position, also where the channel is complete. One with
    /// <see cref="EventStreamLogRecord.Replaces"/> takes the retained record of the same <see cref="EventStreamMetadata.Key"/> and
    /// <see cref="EventStreamMetadata.User"/> out of the channel. One with <see cref="EventStreamLogRecord.IsEnd"/> has no number of its
    /// own: it completes the channel.
    /// </para>
    /// <para>
    /// The records of a list (<see cref="EventStreamLogRecord.Part"/>) stand in the call one after the other, all of them. The list has one
    /// key, in a space of its own: no single record repeats a list, or the other way round. A log keeps the key, and the list's length,
    /// with the list's last record. Where that record is retained, or stands earlier in the call, nothing of the list is appended. Then
    /// the last record takes the retained sequence, and each one before it one less, also where the first ones were dropped.
    /// </para>
    /// </remarks>
    /// <param name="records">At least one.</param>
    /// <param name="cancellationToken">Cancelled when the append is abandoned. Its outcome goes nowhere then.</param>
    /// <returns>
    /// A position for each record: the channel's epoch, and the record's sequence; for an end, the newest sequence. Null: the channel is
    /// complete, and the record was not appended.
    /// </returns>
    /// <exception cref="InvalidOperationException">
    /// A list has the key of a list of another length. The text says both lengths. Nothing was appended.
    /// </exception>
    /// <exception cref="EventStreamLogException">
    /// Nothing was appended; or, with <see cref="EventStreamLogException.IsOutcomeUnknown"/>, everything may have been, or some of the
    /// channels.
    /// Unless <see cref="EventStreamLogException.IsTransient"/> or <see cref="EventStreamLogException.RejectsAll"/> is set, parts of the
    /// records are appended next, in order, until those that are rejected alone are found.
    /// </exception>
    ValueTask<IReadOnlyList<EventStreamPosition?>> AppendAsync(IReadOnlyList<EventStreamLogRecord> records, CancellationToken cancellationToken);

    /// <summary>Reads a page of each of some channels.</summary>
    /// <param name="requests">At least one; each of another channel.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>
    /// A page for each request, in their order, each of one moment: its messages are all there are between the position and the last of
    /// them.
    /// </returns>
    /// <exception cref="EventStreamLogException">The log could not be read.</exception>
    ValueTask<IReadOnlyList<EventStreamLogPage>> ReadAsync(IReadOnlyList<EventStreamLogRequest> requests, CancellationToken cancellationToken);

    /// <summary>Tells, for as long as it is enumerated, of channels that may have got something new.</summary>
    /// <remarks>
    /// A hint may be late, superfluous, or missing: the pages are the truth. To bound what a missing one costs, the hint without a channel
    /// is given now and then (a few seconds), and first of all: whatever is appended after that hint was enumerated is hinted at, unless a
    /// hint is lost. An enumeration that throws is begun anew after a pause.
    /// </remarks>
    /// <param name="cancellationToken">Ends it.</param>
    IAsyncEnumerable<EventStreamLogHint> FollowAsync(CancellationToken cancellationToken);
}
