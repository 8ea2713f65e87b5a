using System.Runtime.ExceptionServices;
using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Logs;

/// <summary>The history of a channel in the log, as far as this node has read it into its ring.</summary>
/// <remarks>
/// The first page has the epoch, and the next ones fill the ring. Then the history is loaded, and subscribers may join. One thread at a
/// time adds pages. Other threads add the messages that this node appends.
/// </remarks>
/// <param name="name">The channel's name.</param>
/// <param name="definition">The channel's definition.</param>
/// <param name="observer">Is called for each message that the ring gets; null for none.</param>
internal sealed class FollowedHistory(string name, ChannelDefinition definition, RingObserver? observer)
{
    private readonly Lock _gate = new();
    private readonly ObservedRing _ring = new(observer);

    // Written under _gate, and read without it.
    private volatile ChannelHistory? _history;
    private volatile bool _isLoaded;
    private volatile bool _isRetired;

    // Written by the thread that adds pages.
    private volatile string? _origin;
    private long _beforeOldest;
    private long _requested;
    private long _requestedAt;
    private volatile bool _isInLog;

    /// <summary>The channel's subscribers on this node. A history hands them over to its successor.</summary>
    public SubscriberList Subscribers { get; } = new();

    /// <summary>The history; null until the first page was read.</summary>
    public ChannelHistory? Current => _history;

    /// <summary>The history; null until its ring has the messages that were in the log when it was first read.</summary>
    public ChannelHistory? Loaded => _isLoaded ? _history : null;

    public bool IsRetired => _isRetired;

    /// <summary>Whether this node knows that the log has the channel, because it has read it or appended to it.</summary>
    public bool IsInLog => _isInLog;

    /// <summary>The epoch of a subscriber's position while the log does not have the channel; null until a page was read.</summary>
    public string? Origin => _origin;

    /// <summary>The last sequence that the log had evicted when it was last read.</summary>
    public long BeforeOldest => Volatile.Read(ref _beforeOldest);

    private TimeProvider Time => definition.Host.Time;

    /// <summary>Gets the next read.</summary>
    public EventStreamLogRequest Request()
    {
        _requestedAt = Time.GetTimestamp();
        return _history is { } history
            ? new(name, _requested = history.Newest, LogFollower.PageLength, LogFollower.PageBytes)
            : new(name, long.MaxValue, 1, 1);
    }

    /// <summary>Adds a page.</summary>
    /// <returns>Whether there is more to read.</returns>
    public bool Take(EventStreamLogPage page)
    {
        if (_history is not { } history)
        {
            // Hints that arrived before the first page were dropped, so read once more.
            Begin(page, Math.Max(page.BeforeOldest, page.Newest - definition.Options.Capacity));
            return true;
        }

        // The channel was created, and this node has missed no history in between. So the subscribers continue at its first message.
        if (history.IsOrigin && page.Epoch is not null && page.Origin == history.Epoch)
        {
            history = Begin(page, after: 0);
        }

        if ((page.Epoch ?? page.Origin) != history.Epoch || page.Newest < _requested)
        {
            // The log has another history. Or it has less of this one than this node has read, because it was set back.
            Retire();
            return false;
        }

        Learn(page, history);
        _ring.Take(history, FrameBytes.OfLog(page, history.Epoch, Time), page.LostAfter(_requested));
        if (history.Newest < page.Newest) return true;
        if (page.IsComplete) history.TryComplete(page is { Run: EventStreamRunState.Failed, AreReadersTold: false } ? Failure() : null);
        lock (_gate) _isLoaded = true;
        _ring.CaughtUp(_requestedAt);
        return false;
    }

    /// <summary>Adds messages that this node has appended, if they directly follow the newest in the ring.</summary>
    /// <returns>False if the log must be read, because it has more than the ring.</returns>
    public bool TryTake(RingEntry[] entries, EventStreamLogRecord[] records, EventStreamPosition?[] positions)
    {
        _isInLog = true;
        if (_history is not { IsRetired: false } history) return true;

        // Only a page shows whether the log's history is the one that follows this origin.
        var isNext = !history.IsOrigin;
        for (var i = 0; i < records.Length; i++)
        {
            if (positions[i] is not { } position) continue;
            if (!history.IsOrigin && position.Epoch != history.Epoch)
            {
                Retire();
                return true;
            }

            // A message with the key of an earlier one may differ from it, and the log has kept the earlier one.
            if (records[i].IsEnd || records[i].Metadata?.IdempotencyKey is not null) isNext = false;
            else if (isNext) isNext = _ring.TryTakeNext(history, ref entries[i], position.Sequence);
        }

        Subscribers.Wake();
        return isNext;
    }

    /// <summary>Makes a page of a history that subscribers share. It has no messages if the log has another history.</summary>
    public LogPage PageOf(ChannelHistory history, long after, EventStreamLogPage page)
    {
        if (page.Epoch == history.Epoch) return new(after, page, FrameBytes.OfLog(page, history.Epoch, Time));
        Retire();
        return new(after, page, []);
    }

    /// <summary>Retires the history, because the log has begun another one.</summary>
    /// <remarks>The subscribers are disconnected, resume, and get a gap.</remarks>
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

    /// <summary>Retires the history if it is unused and idle. Its messages stay in the log.</summary>
    public bool TryRetireIdle(Func<bool> isIdle)
    {
        lock (_gate)
        {
            if (_isRetired) return true;
            return _isRetired = _history?.TryRetireIdle(isKeptElsewhere: true, isIdle) ?? isIdle();
        }
    }

    /// <summary>Retires the history if it is unused, and the log does not have the channel.</summary>
    public bool TryRetireUnbegun()
    {
        lock (_gate)
        {
            if (_isRetired) return true;
            return _isRetired = !_isInLog && (_history?.TryRetireUnbegun() ?? true);
        }
    }

    /// <summary>What ends the streams of a run that has failed without telling its readers.</summary>
    private ExceptionDispatchInfo Failure()
    {
        // The exception of the producer is in the log of its node alone.
        EventStreamRunFailedException failure = new(
            $"The run of the channel '{name}' has failed. The log of its node may have the reason.");
        definition.Host.Faults.MarkLogged(failure);
        return ExceptionDispatchInfo.Capture(failure);
    }

    private ChannelHistory Begin(EventStreamLogPage page, long after)
    {
        var epoch = page.Epoch ?? page.Origin;
        if (!Positions.IsEpoch(epoch, name))
        {
            throw new InvalidOperationException(
                $"The log gave the channel '{name}' the epoch '{epoch}', which does not have the form of an epoch of this channel. "
                + "An IEventStreamLog must get each epoch from EventStreamPosition.NewEpoch.");
        }

        ChannelHistory history = new(name, definition, epoch, Subscribers, after)
        {
            Continues = page.Continues,
            IsOrigin = page.Epoch is null,
        };
        Learn(page, history);
        lock (_gate)
        {
            // Under one lock, because Retire may run in between: a subscriber of the origin must not move to a history that is retired.
            var origin = _history;
            _history = history;
            origin?.Retire(history);
            if (_isRetired) history.Retire();
        }

        return history;
    }

    private void Learn(EventStreamLogPage page, ChannelHistory history)
    {
        // Before subscribers can join, because they begin with a run's first message.
        if (page.Run is not null) history.BelongToRunInLog();
        _origin = page.Origin;
        Volatile.Write(ref _beforeOldest, page.BeforeOldest);
        if (page.Epoch is not null) _isInLog = true;
    }
}
