namespace EventStream.AspNetCore.Channels;

/// <summary>Passes a subscriber's messages to the app's loop, one entry at a time.</summary>
/// <remarks>
/// It buffers no entry. So the subscriber's position is the loop's, and a slow loop gets a gap like any other slow subscriber.
/// </remarks>
internal sealed class EntryOutput() : SubscriberOutput(batchSize: 1)
{
    private EventStreamEntry _entry;
    private bool _hasEntry;

    public override bool IsFull => _hasEntry;

    /// <summary>Takes the next entry.</summary>
    /// <returns>False if no message that was read is for this subscriber.</returns>
    public bool TryTake(SubscriberReader reader, out EventStreamEntry entry)
    {
        _hasEntry = false;
        reader.Read(this);
        entry = _entry;

        // Cleared, because a waiting loop would otherwise keep the message in memory.
        _entry = default;
        return _hasEntry;
    }

    public override void Write(ref SubscriberPlace place, in RingEntry entry)
    {
        place.MarkSent();
        Put(new(entry, place.History));
    }

    public override bool TryWrite(ref SubscriberPlace place, PendingGap pending, EventStreamGap gap, bool hasSnapshot)
    {
        pending.CountAnnounced(gap);
        Put(new(place.History, place.Position, gap, []));
        return true;
    }

    // Replaces the entry of the gap without its snapshot.
    public override void Write(ref SubscriberPlace place, Snapshot snapshot)
    {
        place.MarkSent();
        var history = place.History;
        var messages = Array.ConvertAll(((SnapshotEntries)snapshot).Messages, message => new EventStreamEntry(message, history));
        Put(new(history, place.Position, snapshot.Gap, messages));
    }

    // Writes nothing, because each entry has its position.
    public override void WritePosition(ref SubscriberPlace place) => place.MarkSent();

    private void Put(in EventStreamEntry entry)
    {
        _entry = entry;
        _hasEntry = true;
    }
}
