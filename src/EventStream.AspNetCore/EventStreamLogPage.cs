namespace EventStream.AspNetCore;

/// <summary>Some messages of a channel, and what the channel was when they were read; see <see cref="IEventStreamLog.ReadAsync"/>.</summary>
public sealed record EventStreamLogPage
{
    /// <summary>The epoch of the position before the first message, which a subscriber is told while the channel does not exist.</summary>
    /// <value>
    /// Of the form that <see cref="EventStreamPosition.NewEpoch"/> draws. The same on every node, also once the channel exists, until the log
    /// drops a channel of this name, or may have lost one: then another, for ever. A log may keep one for many names, and change it more
    /// often. Each change costs subscribers that were told the one before a gap. Read in the same moment as the rest.
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

    /// <summary>Whether nothing will follow <see cref="Newest"/>.</summary>
    public bool IsComplete { get; init; }

    /// <summary>The messages that follow the requested position, or <see cref="BeforeOldest"/> if that is later, by their sequences.</summary>
    /// <value>Empty: there are none.</value>
    public IReadOnlyList<EventStreamLogEntry> Entries { get; init; } = [];

    /// <summary>The last sequence that is lost to a reader which has everything up to <paramref name="after"/>.</summary>
    /// <remarks>
    /// The newest message is never replaced. If an empty page ends before it, the log's messages were deleted and <see cref="BeforeOldest"/> was not moved.
    /// They count as lost, because the reader would otherwise ask for them again and again.
    /// </remarks>
    internal long LostAfter(long after) => Entries.Count == 0 && Newest > after ? Newest : BeforeOldest;
}
