namespace EventStream.AspNetCore.Runs;

/// <summary>Looks for the records of an append among those of a channel: all of them, one directly after the other.</summary>
/// <param name="batch">The records of the append; at least one.</param>
internal sealed class BatchSearch(EventStreamLogRecord[] batch)
{
    // How many records of the batch each possible place has so far. An append is whole, so its records follow each other directly.
    private List<int> _places = [];
    private long _last;

    public bool IsFound { get; private set; }

    /// <summary>Takes the next record of the channel.</summary>
    public void Take(EventStreamStoredRecord record)
    {
        if (record.Sequence != _last + 1) _places.Clear();
        _last = record.Sequence;
        _places = [.. _places.Append(0).Where(count => IsEqual(batch[count], record)).Select(count => count + 1)];
        IsFound = _places.Remove(batch.Length) || IsFound;
    }

    private static bool IsEqual(EventStreamLogRecord own, EventStreamStoredRecord stored) =>
        own.Event == stored.Event && own.Frame.Span.SequenceEqual(stored.Frame.Span);
}
