namespace EventStream.AspNetCore.Channels;

/// <summary>The subscribers of one channel, and the shards by which they are woken.</summary>
internal sealed class SubscriberList
{
    private readonly Lock _gate = new();

    // Both under _gate. Shards are made as subscribers come, because many channels have only one, and are read without it.
    private readonly HashSet<Subscriber> _subscribers = [];
    private WakeShard[] _shards = [];
    private uint _joined;

    public int Count
    {
        get
        {
            lock (_gate) return _subscribers.Count;
        }
    }

    /// <summary>The position of the slowest; null if there is none.</summary>
    public long? Slowest
    {
        get
        {
            lock (_gate) return _subscribers.Count == 0 ? null : _subscribers.Min(subscriber => subscriber.Position);
        }
    }

    /// <summary>Takes in a subscriber, and gives it the shard that will wake it.</summary>
    public WakeShard Add(Subscriber subscriber)
    {
        lock (_gate)
        {
            // In turn, and not by their number, which is the same for each who comes in the place of one who left.
            var turn = (int)(_joined++ % (uint)Environment.ProcessorCount);
            if (turn >= _shards.Length) _shards = [.. _shards, new WakeShard()];
            var shard = _shards[Math.Min(turn, _shards.Length - 1)];

            // Before another thread can find it here, and wake it by its shard to end its stream.
            subscriber.Shard = shard;
            _subscribers.Add(subscriber);
            return shard;
        }
    }

    public void Remove(Subscriber subscriber)
    {
        lock (_gate) _subscribers.Remove(subscriber);
    }

    public IReadOnlyList<EventStreamSubscriber> Snapshot()
    {
        lock (_gate) return [.. _subscribers.Select(subscriber => subscriber.Describe())];
    }

    /// <summary>Ends the streams of some, or of all.</summary>
    public void Disconnect(Func<Subscriber, bool>? which = null)
    {
        Subscriber[] found;
        lock (_gate) found = [.. which is null ? _subscribers : _subscribers.Where(which)];
        foreach (var subscriber in found) subscriber.Disconnect();
    }

    /// <summary>Wakes all who wait, after something was made visible to them: step 4 of <see cref="WakeShard"/>.</summary>
    public void Wake() => WakeShard.WakeAll(ref _shards);
}
