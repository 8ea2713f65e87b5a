using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Channels;

/// <summary>The subscribers of one channel, and the shards that wake them.</summary>
internal sealed class SubscriberList
{
    private readonly Lock _gate = new();

    // All under _gate. Shards are created as subscribers join, because many channels have only one. _shards is also read without the lock.
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

    /// <summary>The position of the slowest subscriber; null if there is none.</summary>
    public long? Slowest
    {
        get
        {
            lock (_gate) return _subscribers.Count == 0 ? null : _subscribers.Min(subscriber => subscriber.Position);
        }
    }

    /// <summary>Adds a subscriber, and sets the shard that wakes it.</summary>
    public WakeShard Add(Subscriber subscriber)
    {
        lock (_gate)
        {
            // In turn, and not by the count, because a subscriber that replaces another would always get the same shard.
            var turn = (int)(_joined++ % (uint)Environment.ProcessorCount);
            if (turn >= _shards.Length) _shards = [.. _shards, new WakeShard()];
            var shard = _shards[Math.Min(turn, _shards.Length - 1)];

            // Before it is in the list, because another thread may find it there, and wake it by its shard.
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

    /// <summary>Ends the streams of all subscribers, or of those for which a function returns true.</summary>
    public void End(EndReason reason, Func<Subscriber, bool>? which = null)
    {
        // The function is called outside of the lock, because it may ask a principal, which is the app's code.
        Subscriber[] subscribers;
        lock (_gate) subscribers = [.. _subscribers];
        foreach (var subscriber in subscribers)
        {
            if (which is null || which(subscriber)) subscriber.End(reason);
        }
    }

    /// <summary>Wakes the waiting subscribers, after a change was made visible: step 4 of <see cref="WakeShard"/>.</summary>
    public void Wake() => WakeShard.WakeAll(ref _shards);
}
