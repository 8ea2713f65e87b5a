using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>What keeps a channel of this node, whose ring holds the newest messages, in step with the log that has all of them.</summary>
/// <param name="node">The node.</param>
/// <param name="channel">The channel.</param>
/// <param name="listener">Hears what is taken in; null: nothing does.</param>
internal sealed class DurableChannel(NodeLog node, EventStreamChannel channel, RingListener? listener)
{
    private readonly Lock _gate = new();

    // Held while the listener hears a message. The follower and an append of this node both take messages in, and it must hear them in order.
    private readonly Lock _telling = new();

    // All under _gate: who waits for a read that has not begun yet, and for the one that is under way.
    private TaskCompletionSource? _next;
    private TaskCompletionSource? _current;

    // Under _gate as well: what this node appends now, and what was hinted at meanwhile.
    private int _appending;
    private long _hinted;

    // Owned by the follower: the newest that the ring had when it asked, and when that was.
    private long _requested;
    private long _requestedAt;
    private long _beforeOldest;
    private volatile bool _hasBegun;
    private volatile bool _isLoaded;

    // Written by the follower: whether the log did not have the channel when it was last read, whose epoch is then the origin.
    private volatile bool _isMissing;
    private volatile string? _origin;
    private volatile bool _isInLog;

    // The epoch that this node has completed. Set in the order of the channel's appends.
    private volatile string? _endedEpoch;

    public string Name => channel.Name;

    /// <summary>Whether the ring holds what was in the log when it was first read.</summary>
    public bool IsLoaded => _isLoaded;

    /// <summary>Whether it was completed by this node, whose ring may know nothing of it.</summary>
    public bool HasEnded => _endedEpoch is not null;

    /// <summary>Whether the log has it, as far as this node knows: it was read, or appended to.</summary>
    public bool IsInLog => _isInLog;

    /// <summary>Whether the log had it when this node last read it, so that its epoch is known.</summary>
    public bool IsRead => _hasBegun && !_isMissing;

    /// <summary>The epoch of the position that a subscriber had while the log did not have it; null before it is read.</summary>
    public string? Origin => _origin;

    /// <summary>Whether there is a ring to be kept in step.</summary>
    public bool HasBegun => _hasBegun;

    /// <summary>The last sequence that the log had dropped when it was last read.</summary>
    public long BeforeOldest => Volatile.Read(ref _beforeOldest);

    /// <summary>Whether it is read before other channels.</summary>
    public bool IsFirst => listener is not null;

    /// <summary>Has the channel read, if its ring is behind what a hint tells. A hint at what this node itself is just appending comes before the answer: that waits for the answer.</summary>
    public void Hint(long newest)
    {
        if (!IsBehind(newest)) return;
        lock (_gate)
        {
            if (_appending > 0)
            {
                _hinted = Math.Max(_hinted, newest);
                return;
            }
        }

        node.Follower.Follow(this);
    }

    /// <summary>Completes when the ring has all that is in the log now.</summary>
    public Task CatchUpAsync()
    {
        Task caughtUp;
        lock (_gate) caughtUp = (_next ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        node.Follower.Follow(this);
        return caughtUp;
    }

    /// <summary>Waits until the ring has all that is in the log now, but not longer than the app runs.</summary>
    /// <exception cref="EventStreamLogException">The app stops, and the log has not answered.</exception>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, channel.Hub.Host.Stopping);
        if (await CatchUpAsync().ReturnsAsync(channel.Time, Timeout.InfiniteTimeSpan, TimeSpan.Zero, stop.Token)) return;
        cancellationToken.ThrowIfCancellationRequested();
        throw new EventStreamLogException("The app stops, and the log has not answered.") { IsTransient = true };
    }

    /// <summary>The page in which what follows <paramref name="after"/> is.</summary>
    public Task<LogPage> ReadPageAsync(long after) => node.Pages.ReadAsync(this, after);

    /// <summary>Publishes messages, together.</summary>
    /// <exception cref="InvalidOperationException">The channel is complete.</exception>
    public async Task<EventStreamPosition[]> AppendAsync(LogEntry[] entries, EventStreamLogRecord[] records, CancellationToken cancellationToken)
    {
        var positions = await AppendAsync(new PendingAppend(this, entries, records), cancellationToken);
        foreach (var position in positions)
        {
            if (position == default) throw new InvalidOperationException("The channel is complete: nothing more can be published to it.");
        }

        return positions;
    }

    /// <summary>Completes the channel, on all nodes.</summary>
    public Task CompleteAsync(EventStreamLogRecord end, CancellationToken cancellationToken) =>
        AppendAsync(new PendingAppend(this, [default], [end]), cancellationToken);

    /// <summary>What the follower is to read next; it has the duty to take the page, or to give it up.</summary>
    public EventStreamLogRequest BeginRead()
    {
        lock (_gate)
        {
            if (_current is null) (_current, _next) = (_next, null);
        }

        _requestedAt = channel.Time.GetTimestamp();
        return _hasBegun
            ? new(Name, _requested = channel.Log.Newest, LogFollower.PageLength, LogFollower.PageBytes)
            : new(Name, long.MaxValue, 1, 1);
    }

    /// <summary>Takes a page in, and says whether there is more to read. Called by the follower alone.</summary>
    public bool Take(EventStreamLogPage page)
    {
        if (!_hasBegun)
        {
            var after = Math.Max(page.BeforeOldest, page.Newest - channel.Options.Capacity);
            channel.Begin(page.Epoch ?? page.Origin, page.Continues, after);
            Volatile.Write(ref _beforeOldest, page.BeforeOldest);
            Learn(page);
            _hasBegun = true;

            // What came while this page was on its way was hinted at when there was nothing to be behind.
            return true;
        }

        // It was made, and no history before this one was missed: the subscribers stay, at the position before its first message.
        if (_isMissing && page.Epoch is not null && page.Origin == channel.Epoch) channel.Begin(page.Epoch, page.Continues, after: 0);
        if ((page.Epoch ?? page.Origin) != channel.Epoch || page.Newest < _requested)
        {
            // Another history; or less of the same than this node has read, which only a log that was set back has.
            channel.Retire();
            return CaughtUp();
        }

        Learn(page);
        Volatile.Write(ref _beforeOldest, page.BeforeOldest);
        Take(Entries(page), page.LostAfter(_requested));
        if (channel.Log.Newest < page.Newest) return true;
        if (page.IsComplete) channel.Log.Complete(failure: null);
        _isLoaded = true;
        channel.Wake();
        if (listener is not null)
        {
            lock (_telling) listener.CaughtUp(_requestedAt);
        }

        return CaughtUp();
    }

    /// <summary>Takes in what this node has appended, unless others are missing before it: then the follower reads all of them.</summary>
    public void Take(LogEntry[] entries, EventStreamLogRecord[] records, EventStreamPosition[] positions)
    {
        for (var i = 0; i < records.Length; i++)
        {
            if (records[i].IsEnd) _endedEpoch = positions[i].Epoch;

            // The log dropped the channel after its end, and made it again.
            else if (_endedEpoch is { } ended && positions[i] != default && positions[i].Epoch != ended) _endedEpoch = null;
        }

        _isInLog = true;
        if (!_hasBegun || channel.Log.IsClosed) return;

        // Read before the epoch, which the follower sets first. Only the follower knows whether this is the history that was waited for.
        var wasMissing = _isMissing;
        var isBehind = wasMissing;
        for (var i = 0; i < records.Length; i++)
        {
            if (positions[i] == default) continue;
            if (!wasMissing && positions[i].Epoch != channel.Epoch)
            {
                channel.Retire();
                return;
            }

            // One that repeats another may differ from it, and the log has kept the other.
            if (records[i].IsEnd || records[i].Metadata?.IdempotencyKey is not null) isBehind = true;
            else if (!isBehind) isBehind = !TryTake(ref entries[i], positions[i].Sequence);
        }

        channel.Wake();
        if (isBehind) node.Follower.Follow(this);
    }

    /// <summary>A page as readers share it. One of another epoch is nothing that anybody here may have.</summary>
    public LogPage PageOf(long after, EventStreamLogPage page)
    {
        if (page.Epoch == channel.Epoch) return new(after, page, Entries(page));
        channel.Retire();
        return new(after, page, []);
    }

    private void Learn(EventStreamLogPage page)
    {
        _origin = page.Origin;
        _isMissing = page.Epoch is null;
        if (page.Epoch is not null) _isInLog = true;
    }

    private async Task<EventStreamPosition[]> AppendAsync(PendingAppend append, CancellationToken cancellationToken)
    {
        lock (_gate) _appending++;
        try
        {
            return await node.Writer.AppendAsync(append, cancellationToken);
        }
        finally
        {
            long hinted;
            lock (_gate)
            {
                _appending--;
                (hinted, _hinted) = (_hinted, 0);
            }

            if (hinted > 0 && IsBehind(hinted)) node.Follower.Follow(this);
        }
    }

    /// <summary>Whether a hint tells of more than the ring has. A hint of messages in a complete ring is of another history.</summary>
    private bool IsBehind(long newest) =>
        _hasBegun && (channel.Log.IsCompleted ? newest < long.MaxValue : channel.Log.Newest < newest);

    private bool TryTake(ref LogEntry entry, long sequence)
    {
        entry.Sequence = sequence;
        entry.IdStart = FrameBytes.WriteId(entry.Bytes, entry.BodyStart, channel.Epoch, sequence);
        if (listener is null) return channel.Log.TryTakeNext(entry);
        lock (_telling)
        {
            if (entry.Sequence <= channel.Log.Newest) return true;
            if (!channel.Log.TryTakeNext(entry)) return false;
            listener.Taken(entry);
            return true;
        }
    }

    private void Take(LogEntry[] entries, long lost)
    {
        if (entries.Length == 0 && lost <= channel.Log.Newest) return;
        if (listener is null) channel.Log.Take(entries, lost);
        else TakeAndTell(entries, lost, listener);
        channel.Wake();
    }

    private void TakeAndTell(LogEntry[] entries, long lost, RingListener told)
    {
        lock (_telling)
        {
            var known = channel.Log.Newest;
            channel.Log.Take(entries, lost);
            if (lost > known) told.Missed();
            foreach (var entry in entries)
            {
                if (entry.Sequence > known) told.Taken(entry);
            }
        }
    }

    private LogEntry[] Entries(EventStreamLogPage page)
    {
        var entries = new LogEntry[page.Entries.Count];
        var readAt = page.ReadAt ?? channel.Time.GetUtcNow();
        for (var i = 0; i < entries.Length; i++) entries[i] = FrameBytes.OfLog(page.Entries[i], channel.Epoch, readAt, channel.Time);
        return entries;
    }

    /// <summary>Lets those go on who have waited for the read, and says whether others wait for the next.</summary>
    private bool CaughtUp()
    {
        TaskCompletionSource? waiting;
        bool isWanted;
        lock (_gate) (waiting, _current, isWanted) = (_current, null, _next is not null);
        waiting?.TrySetResult();
        return isWanted;
    }
}
