namespace EventStream.AspNetCore.Channels;

/// <summary>The output of a <see cref="SubscriberReader"/>: frames of a response, or entries for the app's loop.</summary>
/// <remarks>Used by one loop at a time.</remarks>
/// <param name="batchSize">How many messages a batch has at most.</param>
internal abstract class SubscriberOutput(int batchSize)
{
    /// <summary>The array for a batch of messages.</summary>
    public RingEntry[] Batch { get; } = new RingEntry[batchSize];

    /// <summary>Whether it takes no more before it was emptied.</summary>
    public abstract bool IsFull { get; }

    /// <summary>Writes the message at a place.</summary>
    public abstract void Write(ref SubscriberPlace place, in RingEntry entry);

    /// <summary>Writes a gap.</summary>
    /// <param name="place">The place after which every message can be read, unless a snapshot follows.</param>
    /// <param name="pending">The pending gap, which counts and logs.</param>
    /// <param name="gap">The gap.</param>
    /// <param name="hasSnapshot">Whether the snapshot follows.</param>
    /// <returns>False if the protocol has no event for a gap.</returns>
    public abstract bool TryWrite(ref SubscriberPlace place, PendingGap pending, EventStreamGap gap, bool hasSnapshot);

    /// <summary>Writes a snapshot of the state at a place.</summary>
    public abstract void Write(ref SubscriberPlace place, Snapshot snapshot);

    /// <summary>Writes the position of a place, if messages before it were skipped, or there was none.</summary>
    public abstract void WritePosition(ref SubscriberPlace place);
}
