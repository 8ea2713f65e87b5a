namespace EventStream.AspNetCore.Channels;

/// <summary>The subscribers of one channel, and the shards by which they are woken.</summary>
internal sealed class SubscriberList
{
    private readonly Lock _gate = new();

    // Both under _gate. Shards are made as subscribers come, because many channels have only one, and are read without it.
    private readonly HashSet<ChannelCursor> _cursors = [];
    private WakeShard[] _shards = [];
    private uint _joined;

    public int Count
    {
        get
        {
            lock (_gate) return _cursors.Count;
        }
    }

    /// <summary>The position of the slowest; null if there is none.</summary>
    public long? Slowest
    {
        get
        {
            lock (_gate) return _cursors.Count == 0 ? null : _cursors.Min(cursor => cursor.Position);
        }
    }

    /// <summary>Takes in a subscriber, and gives it the shard that will wake it.</summary>
    public WakeShard Add(ChannelCursor cursor)
    {
        lock (_gate)
        {
            // In turn, and not by their number, which is the same for each who comes in the place of one who left.
            var shard = (int)(_joined++ % (uint)Environment.ProcessorCount);
            _cursors.Add(cursor);
            if (shard >= _shards.Length) _shards = [.. _shards, new WakeShard()];
            return _shards[Math.Min(shard, _shards.Length - 1)];
        }
    }

    public void Remove(ChannelCursor cursor)
    {
        lock (_gate) _cursors.Remove(cursor);
    }

    public IReadOnlyList<EventStreamSubscriber> Snapshot()
    {
        lock (_gate) return [.. _cursors.Select(cursor => cursor.Describe())];
    }

    /// <summary>Ends the streams of some, or of all.</summary>
    public void Disconnect(Func<ChannelCursor, bool>? which = null)
    {
        ChannelCursor[] cursors;
        lock (_gate) cursors = [.. which is null ? _cursors : _cursors.Where(which)];
        foreach (var cursor in cursors) cursor.Disconnect();
    }

    /// <summary>Wakes all who wait, after something was made visible to them.</summary>
    public void Wake()
    {
        // A waiter is linked before it looks at the log, and the log is written before this looks for waiters: one of them sees the other.
        Interlocked.MemoryBarrier();
        foreach (var shard in Volatile.Read(ref _shards)) shard.Wake();
    }
}
