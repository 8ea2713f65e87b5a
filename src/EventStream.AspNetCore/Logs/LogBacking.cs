using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>A channel of which this node's ring has the newest messages, and the log has all.</summary>
/// <remarks>
/// The ring is loaded when somebody here is to read it. From then on <see cref="LogFollower"/> reads what is new, and what this node itself
/// appends is taken in without reading it back, if it is the very next.
/// </remarks>
/// <param name="channel">What the app holds of the channel.</param>
/// <param name="node">What this node has of the log.</param>
/// <param name="listener">Hears what is taken in; null: nothing does.</param>
internal sealed class LogBacking(EventStreamChannel channel, NodeLog node, RingListener? listener = null) : ChannelBacking(channel)
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

    // Written under _gate. The history is there from the first page that was read, and is loaded when the ring has what the log had then.
    private volatile ChannelHistory? _history;
    private volatile bool _isLoaded;
    private volatile bool _isRetired;

    // Written by the follower. The origin is the history's epoch as long as the log does not have the channel.
    private volatile string? _origin;
    private long _beforeOldest;
    private long _requested;
    private long _requestedAt;

    // Set once the log has the channel, as far as this node knows: it was read, or appended to.
    private volatile bool _isInLog;

    // The epoch that this node has completed. Set in the order of the channel's appends.
    private volatile string? _endedEpoch;

    public override ChannelHistory? History => _isLoaded ? _history : null;

    public override KnownHistory? Known => _history is { } history && !history.IsOrigin ? new(history.Epoch, history.Continues) : null;

    public override string? Origin => _origin;

    public override bool IsRetired => _isRetired;

    public override bool Exists => _isInLog;

    public override bool IsCompleted => _history is { IsComplete: true } || _endedEpoch is not null;

    public override int SubscribersElsewhere => node.Presence.CountElsewhere(Name);

    public override NodeLease? Lease => node.Presence.Lease;

    /// <summary>Before the channel is read, a position of no history.</summary>
    public override EventStreamPosition Newest =>
        _history is { } history ? history.PositionAt(history.Newest) : new(Positions.NewEpoch(Name), 0);

    /// <summary>Whether there is a ring to be kept in step.</summary>
    public bool HasBegun => _history is not null;

    /// <summary>Whether it is read before other channels.</summary>
    public bool IsFirst => listener is not null;

    public override bool TryPublish(LogEntry entry, CancellationToken cancellationToken, out ValueTask<EventStreamPosition> position)
    {
        position = PublishAsync();
        return true;

        async ValueTask<EventStreamPosition> PublishAsync() => (await AppendAsync([entry], isList: false, cancellationToken))[0];
    }

    public override bool TryPublish(LogEntry[] entries, CancellationToken cancellationToken, out ValueTask<EventStreamPosition[]> positions)
    {
        positions = new(AppendAsync(entries, isList: true, cancellationToken));
        return true;
    }

    public override bool TryComplete(CancellationToken cancellationToken, out Task completion)
    {
        completion = AppendAsync(new PendingAppend(this, [default], [new() { Channel = Name, IsEnd = true }]), cancellationToken);
        return true;
    }

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

    public override Task CatchUpAsync()
    {
        Task caughtUp;
        lock (_gate) caughtUp = (_next ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        node.Follower.Follow(this);
        return caughtUp;
    }

    /// <exception cref="EventStreamLogException">The app stops, and the log has not answered.</exception>
    public override async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Definition.Host.Stopping);
        if (await CatchUpAsync().ReturnsAsync(Time, Timeout.InfiniteTimeSpan, TimeSpan.Zero, stop.Token)) return;
        cancellationToken.ThrowIfCancellationRequested();
        throw new EventStreamLogException("The app stops, and the log has not answered.") { IsTransient = true };
    }

    public override bool MayBeBehind(Resume resume) =>
        _history is not { } history || resume.Sequence > history.Newest || resume.GapReason == EventStreamGapReason.Restarted;

    public override ResumeWindow WindowOf(ChannelHistory history, int last)
    {
        var window = history.Window(last);
        var beforeOldest = BeforeOldestOf(history);

        // The log goes back further than the ring.
        var isInRing = window.BeforeLast > window.BeforeOldest;
        return window with { BeforeOldest = beforeOldest, BeforeLast = isInRing ? window.BeforeLast : Math.Max(beforeOldest, window.Newest - last) };
    }

    public override long BeforeOldestOf(ChannelHistory history) => Volatile.Read(ref _beforeOldest);

    public override Task<LogPage>? ReadBehindRing(ChannelHistory history, long after) => node.Pages.ReadAsync(this, history, after);

    public override bool TryRetireIdle()
    {
        lock (_gate)
        {
            if (_isRetired) return true;
            _isRetired = _history?.TryRetireIdle(isKeptElsewhere: true, IsIdle) ?? IsIdle();
            return _isRetired;
        }
    }

    public override bool TryRetireUseless()
    {
        lock (_gate)
        {
            if (_isRetired) return true;
            _isRetired = !_isInLog && (_history?.TryRetireUseless() ?? true);
            return _isRetired;
        }
    }

    /// <summary>What the follower is to read next; it has the duty to take the page, or to give it up.</summary>
    public EventStreamLogRequest BeginRead()
    {
        lock (_gate)
        {
            if (_current is null) (_current, _next) = (_next, null);
        }

        _requestedAt = Time.GetTimestamp();
        return _history is { } history
            ? new(Name, _requested = history.Newest, LogFollower.PageLength, LogFollower.PageBytes)
            : new(Name, long.MaxValue, 1, 1);
    }

    /// <summary>Takes a page in, and says whether there is more to read. Called by the follower alone.</summary>
    public bool Take(EventStreamLogPage page)
    {
        if (_history is not { } history)
        {
            // What came while this page was on its way was hinted at when there was nothing to be behind.
            Begin(page, Math.Max(page.BeforeOldest, page.Newest - Definition.Options.Capacity));
            return true;
        }

        // It was made, and no history before this one was missed: the subscribers stay, at the position before its first message.
        if (history.IsOrigin && page.Epoch is not null && page.Origin == history.Epoch)
        {
            var before = history;
            history = Begin(page, after: 0);
            before.Retire(history);
        }

        if ((page.Epoch ?? page.Origin) != history.Epoch || page.Newest < _requested)
        {
            // Another history; or less of the same than this node has read, which only a log that was set back has.
            Retire();
            return CaughtUp();
        }

        Learn(page);
        Take(history, EntriesOf(page, history), page.LostAfter(_requested));
        if (history.Newest < page.Newest) return true;
        if (page.IsComplete) history.TryComplete();
        lock (_gate) _isLoaded = true;
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
        if (_history is not { IsRetired: false } history) return;

        // Only the follower knows whether this is the history that was waited for.
        var isBehind = history.IsOrigin;
        for (var i = 0; i < records.Length; i++)
        {
            if (positions[i] == default) continue;
            if (!history.IsOrigin && positions[i].Epoch != history.Epoch)
            {
                Retire();
                return;
            }

            // One that repeats another may differ from it, and the log has kept the other.
            if (records[i].IsEnd || records[i].Metadata?.IdempotencyKey is not null) isBehind = true;
            else if (!isBehind) isBehind = !TryTake(history, ref entries[i], positions[i].Sequence);
        }

        history.Subscribers.Wake();
        if (isBehind) node.Follower.Follow(this);
    }

    /// <summary>A page of a history as readers share it. One of another history is nothing that its subscribers may have.</summary>
    public LogPage PageOf(ChannelHistory history, long after, EventStreamLogPage page)
    {
        if (page.Epoch == history.Epoch) return new(after, page, EntriesOf(page, history));
        Retire();
        return new(after, page, []);
    }

    /// <summary>Gives up the history, because the log has begun another: the subscribers come back, and are told of the gap.</summary>
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

    public EventStreamPosition PositionAt(long sequence) => new(_history!.Epoch, sequence);

    /// <summary>Whether the ring has everything since the first message.</summary>
    public bool IsWhole => _history is { BeforeOldest: 0 };

    private ChannelHistory Begin(EventStreamLogPage page, long after)
    {
        var epoch = page.Epoch ?? page.Origin;
        if (!Positions.IsEpoch(epoch, Name))
        {
            throw new InvalidOperationException(
                $"The log gave the channel '{Name}' the epoch '{epoch}', of which no position can be made. "
                + "IEventStreamLog takes each epoch from EventStreamPosition.NewEpoch.");
        }

        ChannelHistory history = new(Name, Definition, epoch, Subscribers, after, page.Continues) { IsOrigin = page.Epoch is null };
        Learn(page);
        lock (_gate)
        {
            _history = history;
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

    private async Task<EventStreamPosition[]> AppendAsync(LogEntry[] entries, bool isList, CancellationToken cancellationToken)
    {
        var records = new MessageEncoder(Name, Definition).RecordsOf(entries, entries[0].Metadata, isList);
        var positions = await AppendAsync(new PendingAppend(this, entries, records), cancellationToken);
        if (Array.Exists(positions, position => position == default)) throw ChannelHistory.Completed();
        Definition.Metrics.Published(entries.Length);
        return positions;
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

    /// <summary>Whether a hint tells of more than the ring has. A hint of messages in a complete history is of another one.</summary>
    private bool IsBehind(long newest) =>
        _history is { } history && (history.IsComplete ? newest < long.MaxValue : history.Newest < newest);

    private bool TryTake(ChannelHistory history, ref LogEntry entry, long sequence)
    {
        entry.Sequence = sequence;
        entry.IdStart = FrameBytes.WriteId(entry.Bytes, entry.BodyStart, history.Epoch, sequence);
        if (listener is null) return history.TryTakeNext(entry);
        lock (_telling)
        {
            if (entry.Sequence <= history.Newest) return true;
            if (!history.TryTakeNext(entry)) return false;
            listener.Taken(entry);
            return true;
        }
    }

    private void Take(ChannelHistory history, LogEntry[] entries, long lost)
    {
        if (entries.Length == 0 && lost <= history.Newest) return;
        if (listener is null) history.Take(entries, lost);
        else TakeAndTell(history, entries, lost, listener);
    }

    private void TakeAndTell(ChannelHistory history, LogEntry[] entries, long lost, RingListener told)
    {
        lock (_telling)
        {
            var known = history.Newest;
            history.Take(entries, lost);
            if (lost > known) told.Missed();
            foreach (var entry in entries)
            {
                if (entry.Sequence > known) told.Taken(entry);
            }
        }
    }

    private LogEntry[] EntriesOf(EventStreamLogPage page, ChannelHistory history)
    {
        var entries = new LogEntry[page.Entries.Count];
        var readAt = page.ReadAt ?? Time.GetUtcNow();
        for (var i = 0; i < entries.Length; i++) entries[i] = FrameBytes.OfLog(page.Entries[i], history.Epoch, readAt, Time);
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
