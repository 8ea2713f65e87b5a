using System.Buffers;
using EventStream.AspNetCore.Authorization;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Channels;

/// <summary>A subscriber of one channel: a position, and a wait for the messages that follow it.</summary>
/// <remarks>Replay, live delivery and a slow client use the same code.</remarks>
internal sealed class Subscriber : FrameCursor
{
    private readonly SubscriberReader _reader;

    // Null before the first snapshot.
    private SnapshotPace? _pace;

    // The running read of a page, call of OnGap, or pause before one. The loop applies its result.
    private volatile Task? _work;
    private volatile EndReason _endReason = EndReason.Finished;
    private bool _hasEnded;

    public Subscriber(ChannelReading reading, ChannelHistory history, MergedId? id, int index, Resume resume, string? requested)
    {
        _reader = new(reading, history, id, index, resume, requested);
    }

    /// <summary>
    /// The shard that wakes it; the channel's <see cref="SubscriberList"/> sets it before another thread can find the subscriber there.
    /// </summary>
    internal WakeShard Shard { get; set; } = null!;

    // Owned by the shard, under its lock.
    internal WaitState Wait { get; set; }

    internal Subscriber? NextWaiter { get; set; }

    internal Subscriber? PreviousWaiter { get; set; }

    internal StreamSignal? Signal { get; set; }

    /// <summary>Whether a poll would find anything. Any thread may read it.</summary>
    internal bool HasNews =>
        Permit.IsInterrupted
            || (Permit.IsHeld ? Permit.IsRenewed
                : _work is { } work ? work.IsCompleted
                : History.IsComplete || History.Successor is not null || History.Newest > Position);

    /// <summary>The sequence up to which every message was written, or skipped. Any thread may read it.</summary>
    public long Position => _reader.Position;

    private ChannelReading Reading => _reader.Reading;

    private ref DeliveryPermit Permit => ref _reader.Permit;

    private ChannelHistory History => _reader.History;

    private EventStreamChannelOptions Options => Reading.Channel.Definition.Options;

    private StreamHost Host => Reading.Channel.Definition.Host;

    /// <summary>Whose stream it is.</summary>
    public StreamIdentity Stream => Reading.Stream;

    public override string? CurrentId => null;

    public override int CurrentCount => _reader.Count;

    /// <summary>Whether it has sent no position yet, not even the one at which it begins.</summary>
    public bool IsUnsent => _reader.IsUnsent;

    public override string? LastId => _reader.LastId;

    public override EventStreamProtocol Protocol => Reading.Protocol ?? Reading.Channel.Definition.Protocol;

    public override bool IsFinal => true;

    public override string? ChannelName => Reading.Channel.Name;

    public override IEnumerable<ChannelPolicy> Policies => ChannelPolicy.Of(Reading.Channel.Name, Options) is { } policy ? [policy] : [];

    public override EndReason EndReason => _endReason;

    /// <summary>Joins the channel's subscribers, where messages, the end and revocations find it.</summary>
    /// <returns>False: the history is retired.</returns>
    public bool TryJoin()
    {
        if (!History.TryJoin(this)) return false;
        Permit.Join();
        return true;
    }

    /// <summary>Calls the app's <c>OnJoined</c>.</summary>
    public void HasJoined() => Reading.Notify(Options.OnJoined, Describe());

    /// <inheritdoc/>
    /// <remarks>Steps 1 and 2 of <see cref="WakeShard"/>.</remarks>
    public override PollResult Poll(StreamSignal signal)
    {
        _reader.Flushed();
        while (true)
        {
            var found = Look();
            if (found != PollResult.Pending) return found;
            Shard.Link(this, signal);
            if (!HasNews) return PollResult.Pending;
        }
    }

    /// <summary>Writes the available messages, up to the size of a burst.</summary>
    public override int WriteCurrent(IBufferWriter<byte> output) => FrameOutput.Write(_reader, Reading, output);

    /// <summary>Takes the next available entry, for the app's loop.</summary>
    /// <returns>False if no message that was read is for this subscriber.</returns>
    public bool TryRead(EntryOutput output, out EventStreamEntry entry)
    {
        var isForIt = output.TryTake(_reader, out entry);
        _reader.Flushed();
        return isForIt;
    }

    public override int SkipCurrent(IBufferWriter<byte> output) => _reader.WritePosition(output);

    /// <summary>Ends the stream of messages. Any thread may call it.</summary>
    public override void Interrupt()
    {
        Permit.Interrupt();
        Shard.Wake(this);
    }

    /// <summary>Ends the stream so that its client reconnects. Any thread may call it, and the first reason wins.</summary>
    public void End(EndReason reason)
    {
        Interlocked.CompareExchange(ref _endReason, reason, EndReason.Finished);
        Interrupt();
    }

    /// <summary>Leaves the channel, and calls the app's <c>OnLeft</c>. Does not wait for a running <c>OnGap</c>.</summary>
    public void Close()
    {
        Leave();
        _work?.Abandon();
        Reading.Notify(Options.OnLeft, Describe());
    }

    public override ValueTask DisposeAsync()
    {
        Close();

        // Waits for the app's OnGap, because it may use the request's services.
        return _work is Task<Snapshot> taking ? new(taking) : default;
    }

    /// <summary>Leaves the channel.</summary>
    public void Leave()
    {
        Shard.Leave(this);
        Reading.Channel.Subscribers.Remove(this);
        Reading.Channel.Touch();
        Reading.Registry.Release(Reading.Channel);
        Permit.Leave();
    }

    /// <summary>Describes it for the app.</summary>
    public EventStreamSubscriber Describe() =>
        new(
            Reading.Channel.Channel,
            Reading.Stream.ConnectionId ?? "",
            Reading.Stream.User,
            Position,
            Lag: Math.Max(0, History.Newest - Position),
            JoinedAt: new(Reading.JoinedAtUtcTicks, TimeSpan.Zero));

    /// <summary>Checks whether there are messages, and begins a read or <c>OnGap</c> if it needs one.</summary>
    private PollResult Look()
    {
        if (_hasEnded || Permit.IsInterrupted) return PollResult.Ended;
        if (Permit.Holds()) return PollResult.Pending;
        _reader.Follow();
        var work = _work;
        if (work is { IsCompleted: false }) return PollResult.Pending;
        _work = null;
        switch (work)
        {
            // Needs no other page next, because messages that this page lacks are a gap.
            case Task<LogPage> page:
                _reader.Take(page.GetAwaiter().GetResult());
                break;
            case Task<Snapshot> snapshot:
                _reader.Gap!.Taken = snapshot.GetAwaiter().GetResult();
                _pace!.End();
                break;
            case not null:
                _pace!.Waited();
                _reader.DropPage();
                goto default;
            default:
                if (_reader.NeedsPage) return Begin(Reading.Channel.ReadBehindRing(History, Position));
                break;
        }

        _reader.Follow();
        if (_reader.Gap is { Taken: null } gap && Options.OnGap is { } onGap) return Begin(TakeSnapshotAsync(gap, onGap));
        if (_reader.HasSome) return PollResult.Ready;
        return History.IsComplete && History.Newest <= Position && Permit.MayDeliver() ? End() : PollResult.Pending;
    }

    private PollResult Begin(Task work)
    {
        _work = work;

        // By the shard, which drops the signal when the subscriber leaves. A continuation with the signal would keep the streams of all
        // subscribers that have left, as long as the log is unavailable.
        if (!work.IsCompleted) work.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => Shard.Wake(this));
        return PollResult.Pending;
    }

    /// <summary>Calls <c>OnGap</c>, or pauses if the subscriber has had too many snapshots.</summary>
    private Task TakeSnapshotAsync(
        PendingGap gap, Func<EventStreamGap, CancellationToken, ValueTask<EventStreamSnapshot>> onGap)
    {
        _pace ??= new(Host.Time);
        if (_pace.Left is var left && left > TimeSpan.Zero)
        {
            if (!_pace.HasWaited)
            {
                Reading.Channel.Definition.Metrics.SubscriberIsSlow();
                Log.SubscriberIsSlow(Host.Logger, Reading.Channel.Name);
            }

            return Task.Delay(left, Host.Time);
        }

        _pace.Begin();
        return gap.TakeSnapshotAsync(onGap, _reader.Page, Reading);
    }

    private PollResult End()
    {
        History.Failure?.Throw();
        _hasEnded = true;
        return PollResult.Ended;
    }
}
