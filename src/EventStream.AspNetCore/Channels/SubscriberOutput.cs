namespace EventStream.AspNetCore.Channels;

/// <summary>Where a <see cref="SubscriberReader"/> puts what it finds: frames of a response, or an entry of the app's own loop.</summary>
/// <remarks>Used by one loop at a time.</remarks>
/// <param name="batchSize">How many messages are read at once.</param>
internal abstract class SubscriberOutput(int batchSize)
{
    /// <summary>Room for the messages that are read at once.</summary>
    public RingEntry[] Batch { get; } = new RingEntry[batchSize];

    /// <summary>Whether it takes no more before it is emptied.</summary>
    public abstract bool IsFull { get; }

    /// <summary>Puts out a message, which is at the place.</summary>
    public abstract void Write(ref SubscriberPlace place, in RingEntry entry);

    /// <summary>Puts out a gap.</summary>
    /// <param name="place">The place after which everything is to be had, unless a snapshot follows.</param>
    /// <param name="pending">Counts and logs what becomes of the gap.</param>
    /// <param name="gap">The gap.</param>
    /// <param name="hasSnapshot">Whether the snapshot follows, with which the gap ends.</param>
    /// <returns>False if the protocol has nothing for a gap.</returns>
    public abstract bool TryWrite(ref SubscriberPlace place, PendingGap pending, EventStreamGap gap, bool hasSnapshot);

    /// <summary>Puts out a snapshot, which tells the state at the place.</summary>
    public abstract void Write(ref SubscriberPlace place, Snapshot snapshot);

    /// <summary>Puts out the place, up to which messages were passed over, or before which there was none.</summary>
    public abstract void WritePosition(ref SubscriberPlace place);
}
