using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Logs;

/// <summary>The history of a channel that a log has, as far as this node has read it, and the ring in which it is.</summary>
/// <remarks>
/// The first page tells the epoch, and the next ones fill the ring: then it is loaded, and subscribers may join. One thread at a time reads
/// pages; appends of this node come from others.
/// </remarks>
/// <param name="name">The channel's name.</param>
/// <param name="definition">The channel's definition.</param>
/// <param name="listener">Hears what is taken in; null: nothing does.</param>
internal sealed class FollowedHistory(string name, ChannelDefinition definition, RingListener? listener)
{
    private readonly Lock _gate = new();
    private readonly HeardRing _ring = new(listener);

    // Written under _gate, and read without it.
    private volatile ChannelHistory? _history;
    private volatile bool _isLoaded;
    private volatile bool _isRetired;

    // Written by whoever reads pages.
    private volatile string? _origin;
    private long _beforeOldest;
    private long _requested;
    private long _requestedAt;
    private volatile bool _isInLog;

    /// <summary>The channel's subscribers on this node. They are the same in a history and its successor.</summary>
    public SubscriberList Subscribers { get; } = new();

    /// <summary>The history; null before the first page.</summary>
    public ChannelHistory? Current => _history;

    /// <summary>The history, once its ring has what was in the log when it was first read.</summary>
    public ChannelHistory? Loaded => _isLoaded ? _history : null;

    public bool IsRetired => _isRetired;

    /// <summary>Whether the log has the channel, as far as this node knows: it was read, or appended to.</summary>
    public bool IsInLog => _isInLog;

    /// <summary>The epoch of the position that a subscriber has while the log does not have the channel; null before it is read.</summary>
    public string? Origin => _origin;

    /// <summary>The last sequence that the log had dropped when it was last read.</summary>
    public long BeforeOldest => Volatile.Read(ref _beforeOldest);

    private TimeProvider Time => definition.Host.Time;

    /// <summary>What is to be read next.</summary>
    public EventStreamLogRequest Request()
    {
        _requestedAt = Time.GetTimestamp();
        return _history is { } history
            ? new(name, _requested = history.Newest, LogFollower.PageLength, LogFollower.PageBytes)
            : new(name, long.MaxValue, 1, 1);
    }

    /// <summary>Takes a page in.</summary>
    /// <returns>Whether there is more to read.</returns>
    public bool Take(EventStreamLogPage page)
    {
        if (_history is not { } history)
        {
            // Hints that came before the first page were ignored, so read once more.
            Begin(page, Math.Max(page.BeforeOldest, page.Newest - definition.Options.Capacity));
            return true;
        }

        // The channel was created, and no history in between was missed, so the subscribers go on at its first message.
        if (history.IsOrigin && page.Epoch is not null && page.Origin == history.Epoch)
        {
            history = Begin(page, after: 0);
        }

        if ((page.Epoch ?? page.Origin) != history.Epoch || page.Newest < _requested)
        {
            // Another history; or less of the same than this node has read, which only a log that was set back has.
            Retire();
            return false;
        }

        Learn(page);
        _ring.Take(history, FrameBytes.OfLog(page, history.Epoch, Time), page.LostAfter(_requested));
        if (history.Newest < page.Newest) return true;
        if (page.IsComplete) history.TryComplete();
        lock (_gate) _isLoaded = true;
        _ring.CaughtUp(_requestedAt);
        return false;
    }

    /// <summary>Takes in what this node has appended, if it is the very next.</summary>
    /// <returns>False if the log is to be read, because it has more than the ring.</returns>
    public bool TryTake(RingEntry[] entries, EventStreamLogRecord[] records, EventStreamPosition?[] positions)
    {
        _isInLog = true;
        if (_history is not { IsRetired: false } history) return true;

        // Only a page tells whether this is the history that follows the origin.
        var isNext = !history.IsOrigin;
        for (var i = 0; i < records.Length; i++)
        {
            if (positions[i] is not { } position) continue;
            if (!history.IsOrigin && position.Epoch != history.Epoch)
            {
                Retire();
                return true;
            }

            // One that repeats another may differ from it, and the log has kept the other.
            if (records[i].IsEnd || records[i].Metadata?.IdempotencyKey is not null) isNext = false;
            else if (isNext) isNext = _ring.TryTakeNext(history, ref entries[i], position.Sequence);
        }

        Subscribers.Wake();
        return isNext;
    }

    /// <summary>A page of a history, as subscribers share it. Without messages if the log has another history.</summary>
    public LogPage PageOf(ChannelHistory history, long after, EventStreamLogPage page)
    {
        if (page.Epoch == history.Epoch) return new(after, page, FrameBytes.OfLog(page, history.Epoch, Time));
        Retire();
        return new(after, page, []);
    }

    /// <summary>Retires it, because the log has begun another history: the subscribers are disconnected, resume, and get a gap.</summary>
    public void Retire()
    {
        ChannelHistory? history;
        lock (_gate)
        {
            _isRetired = true;
            history = _history;
        }

        history?.Retire();
    }

    /// <summary>Retires it if it is unused and idle. What it retains is in the log.</summary>
    public bool TryRetireIdle(Func<bool> isIdle)
    {
        lock (_gate)
        {
            if (_isRetired) return true;
            return _isRetired = _history?.TryRetireIdle(isKeptElsewhere: true, isIdle) ?? isIdle();
        }
    }

    /// <summary>Retires it if it is unused, and the log does not have the channel.</summary>
    public bool TryRetireUnbegun()
    {
        lock (_gate)
        {
            if (_isRetired) return true;
            return _isRetired = !_isInLog && (_history?.TryRetireUnbegun() ?? true);
        }
    }

    private ChannelHistory Begin(EventStreamLogPage page, long after)
    {
        var epoch = page.Epoch ?? page.Origin;
        if (!Positions.IsEpoch(epoch, name))
        {
            throw new InvalidOperationException(
                $"The log gave the channel '{name}' the epoch '{epoch}', of which no position can be made. "
                + "IEventStreamLog takes each epoch from EventStreamPosition.NewEpoch.");
        }

        ChannelHistory history = new(name, definition, epoch, Subscribers, after)
        {
            Continues = page.Continues,
            IsOrigin = page.Epoch is null,
        };
        Learn(page);
        lock (_gate)
        {
            // In one step, so that no subscriber of the origin follows into a history that was retired in between.
            var origin = _history;
            _history = history;
            origin?.Retire(history);
            if (_isRetired) history.Retire();
        }

        return history;
    }

    private void Learn(EventStreamLogPage page)
    {
        _origin = page.Origin;
        Volatile.Write(ref _beforeOldest, page.BeforeOldest);
        if (page.Epoch is not null) _isInLog = true;
    }
}
