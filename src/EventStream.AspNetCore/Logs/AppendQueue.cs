namespace EventStream.AspNetCore.Logs;

/// <summary>Appends that wait, in order within each channel, with the channels in turn.</summary>
/// <remarks>
/// A channel with a running append is skipped until that append has ended, so that its messages stay in order. Not thread-safe.
/// </remarks>
internal sealed class AppendQueue
{
    private const int MostRecords = 1024;
    private const long MostBytes = 1024 * 1024;

    // The waiting appends of each channel with a waiting or running append; and the channels without a running append, in turn.
    private readonly Dictionary<string, LinkedList<PendingAppend>> _channels = new(StringComparer.Ordinal);
    private readonly Queue<string> _ready = [];

    /// <summary>Whether there may be an append to take.</summary>
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

    /// <summary>Takes the appends of one batch: the first ones of each channel. Empty if there are none.</summary>
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

            // If the next append does not fit, its channel stays the first for the next batch.
            var isTaken = batch.Count > taken;
            if (!isTaken && waiting.Count > 0) break;
            _ready.Dequeue();
            if (!isTaken) _channels.Remove(channel);
        }

        return batch;

        bool Fits(PendingAppend next) =>
            batch.Count == 0 || (records + next.Records.Length <= MostRecords && bytes + next.Bytes <= MostBytes);
    }

    /// <summary>Marks that the append of a batch has ended.</summary>
    /// <param name="batch">The batch, as it was taken.</param>
    /// <param name="again">
    /// The appends of the batch that must be taken again, in their order. They come before later appends of their channels. The channel of
    /// the first one has delayed the others, so its turn is the last.
    /// </param>
    public void Ended(List<PendingAppend> batch, IReadOnlyList<PendingAppend> again)
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
