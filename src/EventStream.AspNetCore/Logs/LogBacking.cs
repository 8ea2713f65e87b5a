using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>The backing of a channel whose messages are in the log, and whose newest are in this node's ring.</summary>
/// <remarks>
/// The ring is loaded for the first subscriber. From then on <see cref="LogFollower"/> reads what is new. A message that this node itself
/// appends goes into the ring without reading it back, if it directly follows the newest there. <see cref="FollowedHistory"/> has what was
/// read.
/// </remarks>
/// <param name="channel">The app's object for the channel.</param>
/// <param name="node">This node's part of the log.</param>
/// <param name="observer">Is called for each message that the ring gets; null for none.</param>
internal sealed class LogBacking(EventStreamChannel channel, NodeLog node, RingObserver? observer = null) : ChannelBacking(channel)
{
    private readonly FollowedHistory _followed = new(channel.Name, channel.Definition, observer);
    private readonly ReadWaiters _waiters = new();
    private readonly DeferredHints _hints = new();

    // The epoch that this node has completed. It is set in the order of the channel's appends.
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

    /// <summary>Whether there is a ring that must be kept up to date.</summary>
    public bool HasBegun => _followed.Current is not null;

    /// <summary>Whether the follower reads it before other channels.</summary>
    public bool IsFirst => observer is not null;

    /// <summary>Whether the ring has had all messages since the first.</summary>
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
        $"The log behind the channel '{Name}' accepts no messages in a transaction: it is no {nameof(IEventStreamTransactionalLog)}. "
        + "Publish without a transaction, or use a log that accepts them in one: AddEventStreams().AddPostgreSql(…).");

    public override bool TryComplete(CancellationToken cancellationToken, out Task completion)
    {
        completion = AppendAsync(new PendingAppend(this, [default], [new() { Channel = Name, IsEnd = true }]), cancellationToken);
        return true;
    }

    /// <summary>Schedules a read of the channel, if its ring is behind a hint.</summary>
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

    /// <exception cref="EventStreamLogException">The app stopped before the log answered.</exception>
    public override async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Definition.Host.Drain.Over);
        if (await CatchUpAsync().ReturnsAsync(Time, Timeout.InfiniteTimeSpan, TimeSpan.Zero, stop.Token)) return;
        cancellationToken.ThrowIfCancellationRequested();
        throw new EventStreamLogException($"The app stopped before the log answered a read of the channel '{Name}'.")
        {
            IsTransient = true,
        };
    }

    public override bool MayBeBehind(Resume resume) =>
        _followed.Current is not { } history || resume.Sequence > history.Newest || resume.IsOfOther;

    public override ResumeWindow WindowOf(ChannelHistory history, int last)
    {
        var window = history.Window(last);
        var beforeOldest = BeforeOldestOf(history);

        // The log has older messages than the ring.
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

    /// <summary>Gets the position of a message that was read.</summary>
    public EventStreamPosition PositionAt(long sequence) => _followed.Current!.PositionAt(sequence);

    /// <summary>Gets the follower's next read. The follower must then call <see cref="Take(EventStreamLogPage)"/> or try again.</summary>
    public EventStreamLogRequest BeginRead()
    {
        _waiters.Begin();
        return _followed.Request();
    }

    /// <summary>Completes the waits for a read that will not happen, because this is retired.</summary>
    public void GiveUp()
    {
        do _waiters.Begin();
        while (_waiters.End());
    }

    /// <summary>Adds a page to the ring, and returns whether there is more to read. Only the follower calls it.</summary>
    public bool Take(EventStreamLogPage page) => _followed.Take(page) || _waiters.End();

    /// <summary>Adds messages that this node has appended. Called in the order of the channel's appends in the log.</summary>
    public void Take(RingEntry[] entries, EventStreamLogRecord[] records, EventStreamPosition?[] positions)
    {
        for (var i = 0; i < records.Length; i++)
        {
            if (positions[i] is not { } position) continue;
            if (records[i].IsEnd) _endedEpoch = position.Epoch;

            // The log dropped the channel after its end, and created it again.
            else if (_endedEpoch is { } ended && position.Epoch != ended) _endedEpoch = null;
        }

        if (!_followed.TryTake(entries, records, positions)) node.Follower.Follow(this);
    }

    /// <summary>Makes a page of a history that subscribers share.</summary>
    public LogPage PageOf(ChannelHistory history, long after, EventStreamLogPage page) => _followed.PageOf(history, after, page);

    /// <summary>Retires the history, because the log has begun another.</summary>
    public void Retire() => _followed.Retire();

    /// <summary>Appends messages of a run together, if a token holds the run.</summary>
    /// <returns>The position of the last one; null if the token does not hold the run.</returns>
    public async Task<EventStreamPosition?> TryAppendAsync(RingEntry[] entries, string runToken)
    {
        var records = Array.ConvertAll(RecordsOf(entries), record => record with { RunToken = runToken });
        var positions = await AppendAsync(new PendingAppend(this, entries, records), CancellationToken.None);
        return Array.Exists(positions, position => position is null) ? null : positions[^1];
    }

    /// <summary>Creates the records of messages of a run, without its token.</summary>
    public EventStreamLogRecord[] RecordsOf(RingEntry[] entries) =>
        new MessageEncoder(Name, Definition).RecordsOf(entries, metadata: null, isList: false);

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

    /// <summary>Whether the newest message of a hint is not in the ring.</summary>
    /// <remarks>A complete history gets no more messages, so a hint may be about another history.</remarks>
    private bool IsBehind(long newest) => _followed.Current is { } history && (history.IsComplete || history.Newest < newest);
}
