using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>A channel of which this node's ring has the newest messages, and the log has all.</summary>
/// <remarks>
/// The ring is loaded for the first subscriber. From then on <see cref="LogFollower"/> reads what is new. What this node itself appends is
/// taken in without reading it back, if it is the very next. <see cref="FollowedHistory"/> has what was read.
/// </remarks>
/// <param name="channel">What the app holds of the channel.</param>
/// <param name="node">What this node has of the log.</param>
/// <param name="listener">Hears what is taken in; null: nothing does.</param>
internal sealed class LogBacking(EventStreamChannel channel, NodeLog node, RingListener? listener = null) : ChannelBacking(channel)
{
    private readonly FollowedHistory _followed = new(channel.Name, channel.Definition, listener);
    private readonly ReadWaiters _waiters = new();
    private readonly DeferredHints _hints = new();

    // The epoch that this node has completed. Set in the order of the channel's appends.
    private volatile string? _endedEpoch;

    public override SubscriberList Subscribers => _followed.Subscribers;

    public override ChannelHistory? History => _followed.Loaded;

    public override KnownHistory? Known => _followed.Current is { IsOrigin: false } history ? new(history.Epoch, history.Continues) : null;

    public override string? Origin => _followed.Origin;

    public override bool IsRetired => _followed.IsRetired;

    public override bool Exists => _followed.IsInLog;

    public override bool IsCompleted => _followed.Current is { IsComplete: true } || _endedEpoch is not null;

    public override int SubscribersElsewhere => node.Presence.CountElsewhere(Name);

    public override NodeLease? Lease => node.Presence.Lease;

    public override EventStreamPosition? Newest => _followed.Current is { } history ? history.PositionAt(history.Newest) : null;

    /// <summary>Whether there is a ring to be kept in step.</summary>
    public bool HasBegun => _followed.Current is not null;

    /// <summary>Whether it is read before other channels.</summary>
    public bool IsFirst => listener is not null;

    /// <summary>Whether the ring has everything since the first message.</summary>
    public bool IsWhole => _followed.Current is { BeforeOldest: 0 };

    public override bool TryPublish(RingEntry entry, CancellationToken cancellationToken, out ValueTask<EventStreamPosition> position)
    {
        position = PublishAsync();
        return true;

        async ValueTask<EventStreamPosition> PublishAsync() => (await AppendAsync([entry], isList: false, cancellationToken))[0];
    }

    public override bool TryPublish(
        RingEntry[] entries, CancellationToken cancellationToken, out ValueTask<EventStreamPosition[]> positions)
    {
        positions = new(AppendAsync(entries, isList: true, cancellationToken));
        return true;
    }

    public override IEventStreamTransactionalLog GetTransactionalLog() => node.TransactionalLog ?? throw new InvalidOperationException(
        $"The log behind the channel '{Name}' takes no messages in a transaction: it is no {nameof(IEventStreamTransactionalLog)}. "
        + "Publish without a transaction, or use a log that takes them in one: AddEventStreams().AddPostgreSql(…).");

    public override bool TryComplete(CancellationToken cancellationToken, out Task completion)
    {
        completion = AppendAsync(new PendingAppend(this, [default], [new() { Channel = Name, IsEnd = true }]), cancellationToken);
        return true;
    }

    /// <summary>Has the channel read, if its ring is behind what a hint tells.</summary>
    public void Hint(long newest)
    {
        if (IsBehind(newest) && !_hints.TryDefer(newest)) node.Follower.Follow(this);
    }

    public override Task CatchUpAsync()
    {
        var caughtUp = _waiters.Next();
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
        _followed.Current is not { } history || resume.Sequence > history.Newest || resume.GapReason == EventStreamGapReason.Restarted;

    public override ResumeWindow WindowOf(ChannelHistory history, int last)
    {
        var window = history.Window(last);
        var beforeOldest = BeforeOldestOf(history);

        // The log goes back further than the ring.
        var isInRing = window.BeforeLast > window.BeforeOldest;
        return window with
        {
            BeforeOldest = beforeOldest,
            BeforeLast = isInRing ? window.BeforeLast : Math.Max(beforeOldest, window.Newest - last),
        };
    }

    public override long BeforeOldestOf(ChannelHistory history) => _followed.BeforeOldest;

    public override bool GoesBehindRing => true;

    public override Task<LogPage> ReadBehindRing(ChannelHistory history, long after) => node.Pages.ReadAsync(this, history, after);

    public override bool TryRetireIdle() => _followed.TryRetireIdle(IsIdle);

    public override bool TryRetireUnbegun() => _followed.TryRetireUnbegun();

    /// <summary>The position of a message that was read.</summary>
    public EventStreamPosition PositionAt(long sequence) => _followed.Current!.PositionAt(sequence);

    /// <summary>What the follower is to read next; it has the duty to take the page, or to give it up.</summary>
    public EventStreamLogRequest BeginRead()
    {
        _waiters.Begin();
        return _followed.Request();
    }

    /// <summary>Lets go those who wait for a read that will not come, because this is retired.</summary>
    public void GiveUp()
    {
        do _waiters.Begin();
        while (_waiters.End());
    }

    /// <summary>Takes a page in, and says whether there is more to read. Called by the follower alone.</summary>
    public bool Take(EventStreamLogPage page) => _followed.Take(page) || _waiters.End();

    /// <summary>Takes in what this node has appended. Called in the order in which the appends of the channel are in the log.</summary>
    public void Take(RingEntry[] entries, EventStreamLogRecord[] records, EventStreamPosition?[] positions)
    {
        for (var i = 0; i < records.Length; i++)
        {
            if (positions[i] is not { } position) continue;
            if (records[i].IsEnd) _endedEpoch = position.Epoch;

            // The log dropped the channel after its end, and made it again.
            else if (_endedEpoch is { } ended && position.Epoch != ended) _endedEpoch = null;
        }

        if (!_followed.TryTake(entries, records, positions)) node.Follower.Follow(this);
    }

    /// <summary>A page of a history as readers share it.</summary>
    public LogPage PageOf(ChannelHistory history, long after, EventStreamLogPage page) => _followed.PageOf(history, after, page);

    /// <summary>Retires the history, because the log has begun another.</summary>
    public void Retire() => _followed.Retire();

    private async Task<EventStreamPosition[]> AppendAsync(RingEntry[] entries, bool isList, CancellationToken cancellationToken)
    {
        var records = new MessageEncoder(Name, Definition).RecordsOf(entries, entries[0].Metadata, isList);
        var positions = await AppendAsync(new PendingAppend(this, entries, records), cancellationToken);
        var published = Array.ConvertAll(positions, position => position ?? throw ChannelHistory.Completed());
        Definition.Metrics.Published(entries.Length);
        return published;
    }

    private async Task<EventStreamPosition?[]> AppendAsync(PendingAppend append, CancellationToken cancellationToken)
    {
        _hints.Begin();
        try
        {
            return await node.Writer.AppendAsync(append, cancellationToken);
        }
        finally
        {
            var hinted = _hints.End();
            if (hinted > 0 && IsBehind(hinted)) node.Follower.Follow(this);
        }
    }

    /// <summary>Whether a hint tells of more than the ring has. A hint of messages in a complete history is of another one.</summary>
    private bool IsBehind(long newest) =>
        _followed.Current is { } history && (history.IsComplete ? newest < long.MaxValue : history.Newest < newest);
}
