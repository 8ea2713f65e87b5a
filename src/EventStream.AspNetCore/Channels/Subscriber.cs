using System.Buffers;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Channels;

/// <summary>A subscriber of one channel: a position, and a wait for what follows it.</summary>
/// <remarks>Replay, live delivery and a slow client are the same to it.</remarks>
internal sealed class Subscriber : FrameCursor
{
    private readonly ChannelReading _reading;
    private readonly DeliveryPermit _permit;
    private readonly SubscriberReader _reader;

    // Null before the first snapshot.
    private SnapshotPace? _pace;

    // What is under way: a page that is read, a snapshot that is taken, or a pause before one. The loop applies its result.
    private volatile Task? _work;
    private volatile bool _isDisconnected;
    private bool _hasEnded;

    public Subscriber(ChannelReading reading, ChannelHistory history, MergedId? id, int index, Resume resume, string? requested)
    {
        _reading = reading;
        _permit = new(reading.User is null ? null : reading.Channel.Lease);
        _reader = new(reading, _permit, history, id, index, resume, requested);
    }

    /// <summary>The shard that wakes it; set by the channel's <see cref="SubscriberList"/> before anyone can find it there.</summary>
    internal WakeShard Shard { get; set; } = null!;

    // Owned by the shard, under its lock.
    internal WaitState Wait { get; set; }

    internal Subscriber? NextWaiter { get; set; }

    internal Subscriber? PreviousWaiter { get; set; }

    internal StreamSignal? Signal { get; set; }

    /// <summary>Whether there is something for a poll, as far as any thread can see.</summary>
    internal bool HasNews =>
        _permit.IsInterrupted
            || (_permit.IsHeld ? _permit.IsRenewed
                : _work is { } work ? work.IsCompleted
                : History.IsComplete || History.Successor is not null || History.Newest > Position);

    /// <summary>The sequence up to which everything was written, or passed over. Any thread may read it.</summary>
    public long Position => _reader.Position;

    private ChannelHistory History => _reader.History;

    private EventStreamChannelOptions Options => _reading.Channel.Definition.Options;

    private StreamHost Host => _reading.Channel.Definition.Host;

    public string? User => _reading.User;

    public override string? CurrentId => null;

    public override int CurrentCount => _reader.Count;

    /// <summary>Whether it has told nothing yet, not even where it begins.</summary>
    public bool IsUntold => _reader.IsUntold;

    public override string? LastId => _reader.LastId;

    public override EventStreamProtocol Protocol => _reading.Protocol ?? _reading.Channel.Definition.Protocol;

    public override bool IsFinal => true;

    public override string? ChannelName => _reading.Channel.Name;

    public override EndReason EndReason => _isDisconnected ? EndReason.Disconnected : EndReason.Finished;

    /// <summary>Joins the channel's subscribers, from where a message, an end or a revocation finds it.</summary>
    /// <returns>False: the history is retired.</returns>
    public bool TryJoin()
    {
        if (!History.TryJoin(this)) return false;
        _permit.Join();
        return true;
    }

    /// <summary>Tells the app that it has joined.</summary>
    public void HasJoined() => _reading.Tell(Options.OnJoined, Describe());

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

    /// <summary>Writes what there is, up to a burst.</summary>
    public override int WriteCurrent(IBufferWriter<byte> output) => FrameOutput.Write(_reader, _reading, output);

    /// <summary>Takes the next entry of what there is, for a loop of the app's.</summary>
    /// <returns>False: there was nothing for this subscriber.</returns>
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
        _permit.Interrupt();
        Shard.Wake(this);
    }

    /// <summary>Ends the stream, whose client is to come back. Any thread may call it.</summary>
    public void Disconnect()
    {
        _isDisconnected = true;
        Interrupt();
    }

    /// <summary>Leaves the channel, and tells the app so. Does not wait for a snapshot that is being taken.</summary>
    public void Close()
    {
        Leave();
        _work?.Abandon();
        _reading.Tell(Options.OnLeft, Describe());
    }

    public override ValueTask DisposeAsync()
    {
        Close();

        // Code of the app's, which may use what the request has.
        return _work is Task<Snapshot> taking ? new(taking) : default;
    }

    /// <summary>Leaves the channel, which has then no part in it.</summary>
    public void Leave()
    {
        Shard.Leave(this);
        _reading.Channel.Subscribers.Remove(this);
        _reading.Channel.Touch();
        _reading.Registry.Release(_reading.Channel);
        _permit.Leave();
    }

    /// <summary>What others may know of it.</summary>
    public EventStreamSubscriber Describe() =>
        new(_reading.Channel.Channel, _reading.ConnectionId, _reading.User, Position, Math.Max(0, History.Newest - Position), new(_reading.JoinedAtUtcTicks, TimeSpan.Zero));

    /// <summary>Looks what there is, and begins the work that it takes to know more.</summary>
    private PollResult Look()
    {
        if (_hasEnded || _permit.IsInterrupted) return PollResult.Ended;
        if (_permit.Holds()) return PollResult.Pending;
        _reader.Follow();
        var work = _work;
        if (work is { IsCompleted: false }) return PollResult.Pending;
        _work = null;
        switch (work)
        {
            // No other page is needed next: what this one lacks is a gap.
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
                if (_reader.NeedsPage) return Begin(_reading.Channel.ReadBehindRing(History, Position));
                break;
        }

        _reader.Follow();
        if (_reader.Gap is { Taken: null } gap && Options.OnGap is { } onGap) return Begin(TakeSnapshotAsync(gap, onGap));
        if (_reader.HasSome) return PollResult.Ready;
        return History.IsComplete && History.Newest <= Position && _permit.MayDeliver() ? End() : PollResult.Pending;
    }

    private PollResult Begin(Task work)
    {
        _work = work;

        // By the subscriber, which has no signal once it has left: an unavailable log would keep the streams of all that have left.
        if (!work.IsCompleted) work.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => Shard.Wake(this));
        return PollResult.Pending;
    }

    /// <summary>Takes a snapshot in place of the gap, or pauses where the subscriber has had too many.</summary>
    private Task TakeSnapshotAsync(
        PendingGap gap, Func<EventStreamGap, CancellationToken, ValueTask<EventStreamSnapshot>> onGap)
    {
        _pace ??= new(Host.Time);
        if (_pace.Left is var left && left > TimeSpan.Zero)
        {
            if (!_pace.HasWaited)
            {
                _reading.Channel.Definition.Metrics.SubscriberIsSlow();
                Log.SubscriberIsSlow(Host.Logger, _reading.Channel.Name);
            }

            return Task.Delay(left, Host.Time);
        }

        _pace.Begin();
        return gap.TakeSnapshotAsync(onGap, _reader.Page, _reading);
    }

    private PollResult End()
    {
        History.Failure?.Throw();
        _hasEnded = true;
        return PollResult.Ended;
    }
}
