namespace EventStream.AspNetCore;

/// <summary>
/// Some messages of a channel, and what the channel was when they were read; see <see cref="IEventStreamLog.ReadAsync"/>.
/// </summary>
public sealed record EventStreamLogPage
{
    /// <summary>The epoch of the position that a subscriber gets while the channel does not exist.</summary>
    /// <value>
    /// Of the form that <see cref="EventStreamPosition.NewEpoch"/> draws, and read in the same moment as the rest of the page. It is the
    /// same on every node, also once the channel exists. It changes in the step in which the log drops a channel of this name, and when the
    /// log may have lost one. It never changes back. A log may change it more often, for example because names share an origin. Each change
    /// costs a gap for subscribers that have the one before.
    /// </value>
    public required string Origin { get; init; }

    /// <summary>The channel's epoch.</summary>
    /// <value>Null: the channel does not exist.</value>
    public string? Epoch { get; init; }

    /// <summary>The sequence of the newest message; 0 before the first.</summary>
    public long Newest { get; init; }

    /// <summary>The last sequence that was dropped although nothing replaced it: who has not read that has lost something.</summary>
    /// <value>0: nothing was.</value>
    public long BeforeOldest { get; init; }

    /// <summary>The last position of an earlier epoch up to which this history is the same as that one.</summary>
    /// <remarks>
    /// A log gives it where it can prove that, such as a database whose standby was promoted. A position of that epoch up to this one is
    /// then resumed like a position of <see cref="Epoch"/>, and a later one is a gap.
    /// </remarks>
    /// <value>Null, the default: there is none, and each position of another epoch is a gap.</value>
    public EventStreamPosition? Continues { get; init; }

    /// <summary>When the page was read, by the clock of <see cref="EventStreamStoredRecord.PublishedAt"/>.</summary>
    /// <remarks>The age of a message is counted up to it, so the clocks of nodes need not be those of the log.</remarks>
    /// <value>Null: by the clock of this node.</value>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>Whether nothing will follow <see cref="Newest"/>.</summary>
    public bool IsComplete { get; init; }

    /// <summary>The records that follow the requested position, or <see cref="BeforeOldest"/> if that is later, in order.</summary>
    /// <value>Empty: there are none.</value>
    public IReadOnlyList<EventStreamStoredRecord> Records { get; init; } = [];

    /// <summary>The last sequence that is lost to a reader which has everything up to <paramref name="after"/>.</summary>
    /// <remarks>
    /// The newest message is never replaced. If an empty page ends before it, the log's messages were deleted and
    /// <see cref="BeforeOldest"/> was not moved. They count as lost, because the reader would otherwise ask for them again and again.
    /// </remarks>
    internal long LostAfter(long after) => Records.Count == 0 && Newest > after ? Newest : BeforeOldest;
}
