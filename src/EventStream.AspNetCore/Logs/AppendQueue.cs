namespace EventStream.AspNetCore.Logs;

/// <summary>
/// What waits to be appended, by channel, the channels in turn: one of which something is on its way is passed over until that has arrived.
/// For one thread at a time.
/// </summary>
internal sealed class AppendQueue
{
    private const int MostRecords = 1024;
    private const long MostBytes = 1024 * 1024;

    // Those of which something waits or is on its way; and, in their order, those of which nothing is on its way.
    private readonly Dictionary<string, LinkedList<PendingAppend>> _channels = new(StringComparer.Ordinal);
    private readonly Queue<string> _ready = [];

    /// <summary>Whether there may be something to take.</summary>
    public bool IsReady => _ready.Count > 0;

    public void Add(PendingAppend append)
    {
        if (!_channels.TryGetValue(append.Channel, out var waiting))
        {
            _channels.Add(append.Channel, waiting = []);
            _ready.Enqueue(append.Channel);
        }

        waiting.AddLast(append);
    }

    /// <summary>Takes what goes into one append: of each channel what comes first. Empty: there is nothing.</summary>
    public List<PendingAppend> Take()
    {
        List<PendingAppend> batch = [];
        var (records, bytes) = (0, 0L);
        while (_ready.TryPeek(out var channel))
        {
            var waiting = _channels[channel];
            var taken = batch.Count;
            while (waiting.First is { Value: var next } && Fits(next))
            {
                waiting.RemoveFirst();
                if (!next.TryTake()) continue;
                batch.Add(next);
                records += next.Records.Length;
                bytes += next.Bytes;
            }

            // What does not fit any more comes first the next time.
            var isOnItsWay = batch.Count > taken;
            if (!isOnItsWay && waiting.Count > 0) break;
            _ready.Dequeue();
            if (!isOnItsWay) _channels.Remove(channel);
        }

        return batch;

        bool Fits(PendingAppend next) =>
            batch.Count == 0 || (records + next.Records.Length <= MostRecords && bytes + next.Bytes <= MostBytes);
    }

    /// <summary>Takes note that a batch is not on its way any more.</summary>
    /// <param name="batch">As it was taken.</param>
    /// <param name="again">
    /// Those of it, in their order, that are to be taken again, before what has come since. The channel of the first
    /// has delayed the others, so its turn is the last.
    /// </param>
    public void Arrived(List<PendingAppend> batch, IReadOnlyList<PendingAppend> again)
    {
        for (var i = again.Count - 1; i >= 0; i--) _channels[again[i].Channel].AddFirst(again[i]);
        var last = again.Count > 0 ? again[0].Channel : null;
        foreach (var channel in batch.Select(append => append.Channel).Distinct(StringComparer.Ordinal).OrderBy(name => name == last))
        {
            if (_channels[channel].Count > 0) _ready.Enqueue(channel);
            else _channels.Remove(channel);
        }
    }
}
