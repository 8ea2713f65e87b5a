namespace EventStream.AspNetCore.Channels;

/// <summary>Gives what a subscriber reads to a loop of the app's, one entry at a time.</summary>
/// <remarks>
/// No entry waits in it. So the subscriber's position is the loop's, and a loop that is slow gets a gap like any other subscriber.
/// </remarks>
internal sealed class EntryOutput() : SubscriberOutput(batchSize: 1)
{
    private EventStreamEntry _entry;
    private bool _hasEntry;

    public override bool IsFull => _hasEntry;

    /// <summary>Takes the next entry.</summary>
    /// <returns>False: what was read is not for this subscriber.</returns>
    public bool TryTake(SubscriberReader reader, out EventStreamEntry entry)
    {
        _hasEntry = false;
        reader.Read(this);
        entry = _entry;

        // A loop that waits must not keep a message.
        _entry = default;
        return _hasEntry;
    }

    public override void Write(ref SubscriberPlace place, in RingEntry entry)
    {
        place.Tell();
        Put(new(entry, place.History));
    }

    public override bool TryWrite(ref SubscriberPlace place, PendingGap pending, EventStreamGap gap, bool hasSnapshot)
    {
        pending.CountTold(gap);
        Put(new(place.History, place.Position, gap, []));
        return true;
    }

    // In the place of the gap without its snapshot.
    public override void Write(ref SubscriberPlace place, Snapshot snapshot)
    {
        place.Tell();
        var history = place.History;
        var messages = Array.ConvertAll(((SnapshotEntries)snapshot).Messages, message => new EventStreamEntry(message, history));
        Put(new(history, place.Position, snapshot.Gap, messages));
    }

    // Each entry has its position.
    public override void WritePosition(ref SubscriberPlace place) => place.Tell();

    private void Put(in EventStreamEntry entry)
    {
        _entry = entry;
        _hasEntry = true;
    }
}
