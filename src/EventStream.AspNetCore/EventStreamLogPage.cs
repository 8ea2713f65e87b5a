namespace EventStream.AspNetCore;

/// <summary>Some messages of a channel, and the channel's state when they were read.</summary>
/// <remarks>See <see cref="IEventStreamLog.ReadAsync"/>.</remarks>
public sealed record EventStreamLogPage
{
    /// <summary>The epoch of the position that a subscriber gets while the channel does not exist.</summary>
    /// <value>
    /// It has the form that <see cref="EventStreamPosition.NewEpoch"/> draws, and is read at the same moment as the rest of the page. It is
    /// the same on every node, also once the channel exists. It changes in the step that drops a channel of this name, and when the log may
    /// have lost one. It never changes back. A log may change it more often, for example because names share an origin. Each change costs a
    /// gap for the subscribers with the previous origin.
    /// </value>
    public required string Origin { get; init; }

    /// <summary>The channel's epoch.</summary>
    /// <value>Null: the channel does not exist.</value>
    public string? Epoch { get; init; }

    /// <summary>The sequence of the newest message; 0 before the first.</summary>
    public long Newest { get; init; }

    /// <summary>The last sequence that was evicted without a replacement; a subscriber before it has lost messages.</summary>
    /// <value>0: none was evicted.</value>
    public long BeforeOldest { get; init; }

    /// <summary>The last position of an earlier epoch that this history has in common with that one.</summary>
    /// <remarks>
    /// A log gives it only if it can prove it, such as a database whose standby was promoted. A position of that epoch up to this one
    /// resumes like a position of <see cref="Epoch"/>, and a later one gives a gap.
    /// </remarks>
    /// <value>Null, the default: every position of another epoch gives a gap.</value>
    public EventStreamPosition? Continues { get; init; }

    /// <summary>When the page was read, on the clock of <see cref="EventStreamStoredRecord.PublishedAt"/>.</summary>
    /// <remarks>A message's age is the time between the two, so the nodes' clocks may differ from the log's.</remarks>
    /// <value>Null: now, on this node's clock.</value>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>Whether nothing will follow <see cref="Newest"/>.</summary>
    public bool IsComplete { get; init; }

    /// <summary>The state of the channel's run.</summary>
    /// <remarks>
    /// A state other than <see cref="EventStreamRunState.Running"/> means that the channel is complete. After a
    /// <see cref="EventStreamRunState.Failed"/> run, the streams of subscribers that have read everything end with a fault, unless
    /// <see cref="AreReadersTold"/>.
    /// </remarks>
    /// <value>Null, the default: the channel has no run.</value>
    public EventStreamRunState? Run { get; init; }

    /// <summary>Whether the last messages of a failed run tell its readers that it has failed, so that their streams end cleanly.</summary>
    /// <value>What <see cref="IEventStreamRunLog.EndRunAsync"/> got. False, the default, if another call ended the run.</value>
    public bool AreReadersTold { get; init; }

    /// <summary>The records that follow the requested position, or <see cref="BeforeOldest"/> if that is later, in order.</summary>
    /// <value>Empty: there are none.</value>
    public IReadOnlyList<EventStreamStoredRecord> Records { get; init; } = [];

    /// <summary>
    /// The last sequence that a reader which has everything up to <paramref name="after"/> cannot get.
    /// </summary>
    /// <remarks>
    /// The newest message is never replaced. So an empty page that ends before it means that messages were deleted in the log without
    /// moving <see cref="BeforeOldest"/>. They count as lost, because the reader would otherwise request them again without end.
    /// </remarks>
    internal long LostAfter(long after) => Records.Count == 0 && Newest > after ? Newest : BeforeOldest;
}
