using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>A subscriber: a position in a channel's log. What is after it is copied to the subscriber, whether it was published before it came or after.</summary>
internal sealed class ChannelCursor : FrameCursor, IValueTaskSource<bool>
{
    /// <summary>About how much is copied before a flush; more is what a slow reader's pipe would hold back anyway.</summary>
    private const int MaxBurst = 32 * 1024;

    private const int BatchSize = 64;

    /// <summary>The batches that one call looks at, so that a filter that rejects everything does not keep it.</summary>
    private const int MaxBatches = 16;

    [ThreadStatic]
    private static LogEntry[]? _batch;

    private readonly ChannelReading _reading;
    private readonly MergedId? _mergedId;
    private readonly int _index;
    private WakeShard _shard = null!;
    private ChannelHistory _history;

    // What a named user's messages need where there is a log; null: nothing.
    private readonly NodeLease? _lease;
    private long _newestAtOpen;
    private ManualResetValueTaskSourceCore<bool> _wait;
    private PendingGap? _gap;

    // Null before the first snapshot.
    private SnapshotPace? _pace;

    // The call of OnGap that is under way; after an interruption, the one that nothing but the disposal waits for.
    private Task? _taking;

    // What is read in place of the channel's ring, which does not go back as far.
    private LogPage? _page;

    // Whether it has no position of the client's: then nothing that was dropped before it came is lost to it.
    private bool _isNew;

    // Whether the client is still to be told where it is: one that is cut before its first message would otherwise not come back to here.
    private bool _isUntold = true;
    private long _told;
    private int _count;

    // What the protocol's function of a gap threw. A fault of the stream, because a message that is left out has no gap after it.
    private ExceptionDispatchInfo? _fault;
    private long _flushing;
    private long _position;

    // Whether it holds until the lease is renewed, and is then to begin its move anew.
    private bool _isHeld;
    private volatile bool _isInterrupted;
    private volatile bool _isDisconnected;
    private TaskCompletionSource? _interruption;

    public ChannelCursor(ChannelReading reading, ChannelHistory history, MergedId? mergedId, int index)
    {
        _reading = reading;
        _history = history;
        _mergedId = mergedId;
        _index = index;
        _lease = reading.User is null ? null : reading.Channel.Lease;
    }

    /// <summary>Finds its place in the history, and joins the subscribers.</summary>
    /// <param name="resume">What the client's position says about the channel.</param>
    /// <param name="requested">That position; null: the client has none.</param>
    /// <returns>False: the history is retired.</returns>
    public bool TryJoin(Resume resume, string? requested)
    {
        var start = _reading.Subscription?.Start ?? Options.Start ?? (_history.IsOfRun ? EventStreamStart.Oldest : EventStreamStart.Now);
        var window = _reading.Channel.WindowOf(_history, start.Count);
        var point = ResumePolicy.Decide(resume, start, window);
        _newestAtOpen = window.Newest;
        _isNew = requested is null;
        _position = _told = point.After;
        if (point.Gap is { } reason) _gap = new(_history, reason, requested ?? "", point.Has);

        // Until the gap is told, ids that other channels of the connection write must lead back to it.
        _mergedId?.Begin(_index, _gap is null ? _position : resume.IsPosition ? resume.Sequence : Positions.MaxSequence);
        if (_history.TryJoin(this) is not { } shard) return false;
        _shard = shard;
        _lease?.Join();
        return true;
    }

    /// <summary>Tells the app that it has joined.</summary>
    public void HasJoined() => _reading.Tell(Options.OnJoined, Describe());

    // Owned by the shard that it waits in, under its lock.
    internal ChannelCursor? NextWaiter { get; set; }

    internal ChannelCursor? PreviousWaiter { get; set; }

    internal WakeShard? WaitsIn { get; set; }

    /// <summary>The sequence up to which everything was written, or passed over. Any thread may read it.</summary>
    public long Position => Volatile.Read(ref _position);

    /// <summary>Whether a wait is over.</summary>
    public bool HasNews => _isInterrupted || (_isHeld ? _lease!.IsValid : _history.State != HistoryState.Open || _history.Newest > Position);

    public override string? CurrentId => null;

    public override int CurrentCount => _count;

    public override string? LastId => _mergedId is not null ? _mergedId.ToString() : IdAt(_told);

    public override EventStreamProtocol Protocol => _reading.Protocol;

    public override bool IsFinal => true;

    public override string? ChannelName => _history.Name;

    public override EndReason EndReason => _isDisconnected ? EndReason.Disconnected : EndReason.Finished;

    private EventStreamChannelOptions Options => _history.Definition.Options;

    private ChannelMetrics Metrics => _history.Definition.Metrics;

    /// <summary>The sequence after which everything that can be had begins.</summary>
    private long BeforeOldest => _reading.Channel.BeforeOldestOf(_history);

    /// <summary>How many messages may be passed over before the client is told its position.</summary>
    private long TellAfter => Math.Max(1, Options.Capacity / 4);

    public string? User => _reading.User;

    /// <summary>Whether the client must be told its position, because it would otherwise come back to one that is far behind, or evicted.</summary>
    private bool IsDueForPosition => _isUntold || _position - _told >= TellAfter || (_position > _told && _told < BeforeOldest);

    public override ValueTask<bool> MoveNextAsync()
    {
        if (_flushing != 0) ReportDelivery();
        _fault?.Throw();
        if (_isInterrupted) return new(false);
        if (_isHeld) return HoldAsync(_lease!);
        Follow();
        if (_page is null && _position < _history.BeforeOldest && _reading.Channel.ReadBehindRing(_history, _position) is { } reading) return ReadPageAsync(reading);
        if (_gap is { Snapshot: null } && Options.OnGap is { } onGap) return TakeSnapshotAsync(onGap, _gap);
        if (_gap is not null || _isUntold || _history.Newest > _position) return new(true);
        if (_history.IsComplete && _history.Newest == _position) return MayDeliver() ? End() : MoveNextAsync();

        _wait.Reset();
        _shard.Add(this);
        return HasNews && _shard.TryRemove(this) ? MoveNextAsync() : new(this, _wait.Version);
    }

    /// <summary>Writes what there is, up to a burst.</summary>
    public override int WriteCurrent(IBufferWriter<byte> output)
    {
        _count = 0;
        if (_isHeld) return 0;
        var mayDeliver = true;
        var written = 0;
        if (_gap is { Snapshot: { } snapshot })
        {
            if (!MayDeliver()) return 0;
            written = WriteSnapshot(output, snapshot);
            if (_fault is not null) return written;
        }

        var batch = _batch ?? new LogEntry[BatchSize];
        _batch = null;
        var used = 0;
        for (var batches = 0; written < MaxBurst && batches < MaxBatches; batches++)
        {
            // A gap and what follows it are read at once, so that the log cannot move on in between, and a second gap follow the first.
            var read = Read(batch, out var after);
            if (read.IsGap)
            {
                // Not lost, but further back than the ring goes.
                if (_reading.Channel.Definition.IsDurable) break;
                _gap = GapHere(EventStreamGapReason.Slow);
                if (Options.OnGap is not null) break;
                continue;
            }

            used = Math.Max(used, read.Count);

            // After the read: see step 5 of Revocations, and step 4 of NodeLease.
            mayDeliver = MayDeliver();
            if (!mayDeliver) break;
            if (_gap is not null)
            {
                written += WriteGap(output, _gap.Describe(after, read.Count > 0 ? batch[0].Sequence : null), after);
                if (_fault is not null) break;
            }

            var next = 0;
            while (next < read.Count && written < MaxBurst)
            {
                ref readonly var entry = ref batch[next++];

                // First, so that one whose filter throws is behind it if the stream goes on.
                Volatile.Write(ref _position, entry.Sequence);
                written += Write(output, entry);
            }

            // Large messages fill a burst before the batch is through: the rest is read again once these are on their way.
            if (next < read.Count) break;
            Volatile.Write(ref _position, read.Position);
            if (_page?.Through <= read.Position)
            {
                _page = null;
                break;
            }

            if (read.Count < batch.Length) break;
        }

        batch.AsSpan(0, used).Clear();
        _batch = batch;
        if (mayDeliver && _gap is null && IsDueForPosition) written += _isUntold ? WriteFirst(output) : WritePosition(output);
        return written;
    }

    public override int SkipCurrent(IBufferWriter<byte> output) => WritePosition(output);

    public override ValueTask DisposeAsync()
    {
        Leave();
        _reading.Tell(Options.OnLeft, Describe());
        return _taking is null ? default : new(_taking);
    }

    /// <summary>Leaves the channel, which has then no part in it.</summary>
    public void Leave()
    {
        _reading.Channel.Subscribers.Remove(this);
        _reading.Channel.Touch();
        _reading.Registry.RemoveUseless(_reading.Channel);
        _lease?.Leave();
    }

    /// <summary>What others may know of it.</summary>
    public EventStreamSubscriber Describe() => new(_reading.Channel.Channel, _reading.ConnectionId, _reading.User, Position, new(_reading.JoinedAtUtcTicks, TimeSpan.Zero));

    /// <summary>Ends the wait, and the stream of messages.</summary>
    public override void Interrupt()
    {
        _isInterrupted = true;
        Interlocked.MemoryBarrier();
        Volatile.Read(ref _interruption)?.TrySetResult();
        var hasWaited = _shard.TryRemove(this) || _lease?.Held.TryRemove(this) == true;
        if (hasWaited) ThreadPool.UnsafeQueueUserWorkItem(static cursor => cursor.Resume(), this, preferLocal: false);
    }

    /// <summary>Ends the stream, whose client is to come back. Any thread may call it.</summary>
    public void Disconnect()
    {
        _isDisconnected = true;
        Interrupt();
    }

    /// <summary>Called by the shard, or whoever removed this from it: the stream goes on in this call.</summary>
    internal void Resume() => _wait.SetResult(true);

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _wait.GetResult(token);
        if (_isInterrupted) return false;
        if (_isHeld || _history.Newest > _position || _history.Successor is not null || !MayDeliver()) return true;
        if (_history.Failure is { } failure) failure.Throw();
        return false;
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    /// <summary>Whether what was read may leave, now or when the lease is renewed.</summary>
    private bool MayDeliver()
    {
        if (_isInterrupted) return false;
        _isHeld = _lease is { IsValid: false };
        return !_isHeld;
    }

    /// <summary>Waits for the lease, and then moves.</summary>
    private ValueTask<bool> HoldAsync(NodeLease lease)
    {
        _isHeld = !lease.IsValid;
        if (!_isHeld) return MoveNextAsync();
        _wait.Reset();
        lease.Held.Add(this);
        lease.Hold();
        return HasNews && lease.Held.TryRemove(this) ? MoveNextAsync() : new(this, _wait.Version);
    }

    private LogRead Read(Span<LogEntry> into, out long after)
    {
        after = _position;
        if (_page is not null) return _gap is null ? _page.Read(after, into) : _page.ReadOldest(into, out after);
        return _gap is null ? _history.Read(after, into) : _history.ReadOldest(into, out after);
    }

    /// <summary>Waits until a task is over, whatever it came to.</summary>
    /// <returns>False: the wait was interrupted.</returns>
    private async ValueTask<bool> IsOverAsync(Task task)
    {
        TaskCompletionSource interruption = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _interruption, interruption);

        // Interrupt sets its flag before it looks for this, and this looks at the flag next: one of them sees the other.
        Interlocked.MemoryBarrier();
        if (!_isInterrupted) await Task.WhenAny(task, interruption.Task);
        _interruption = null;
        return !_isInterrupted;
    }

    /// <summary>Waits for the page of the log that follows the position, and finds out whether something before it is lost.</summary>
    private async ValueTask<bool> ReadPageAsync(Task<LogPage> reading)
    {
        if (!await IsOverAsync(reading)) return false;
        var page = await reading;
        if (page.BeforeOldest > _position)
        {
            if (_gap is null && !_isNew) _gap = GapHere(_isUntold ? EventStreamGapReason.Evicted : EventStreamGapReason.Slow);
            Volatile.Write(ref _position, page.After);
        }

        if (page.Through > _position) _page = page;

        // A log that has less than this node's memory was set back: what is in between is lost.
        else if (_position < _history.BeforeOldest) _gap ??= GapHere(EventStreamGapReason.Evicted);
        return Options.OnGap is { } onGap && _gap is { Snapshot: null } gap ? await TakeSnapshotAsync(onGap, gap) : true;
    }

    private PendingGap GapHere(EventStreamGapReason reason) => new(_history, reason, IdAt(_position), _position);

    private ValueTask<bool> End()
    {
        _history.Failure?.Throw();
        return new(false);
    }

    private int Write(IBufferWriter<byte> output, in LogEntry entry)
    {
        if (!_reading.Accepts(entry)) return 0;
        _told = entry.Sequence;
        _isUntold = _isNew = false;
        _count++;
        if (entry.Sequence <= _newestAtOpen) Metrics.Replayed();
        else if (_flushing == 0) _flushing = entry.PublishedAt;
        if (_mergedId is null) return SharedPart.Write(output, entry.Bytes.AsMemory(entry.IdStart));
        return _mergedId.WriteLine(output, _index, entry.Sequence) + SharedPart.Write(output, entry.Bytes.AsMemory(entry.BodyStart));
    }

    /// <summary>Writes what a client gets that there is no message for yet.</summary>
    private int WriteFirst(IBufferWriter<byte> output)
    {
        if (Protocol.First is not { } first) return WritePosition(output);
        var id = IdHere();
        int written;
        try
        {
            written = FrameEncoder.WriteWithId(output, id, first.MessageFor(new(_history.Name, id)), _history.Definition.Host.Json);
        }
        catch (Exception exception)
        {
            _fault = ExceptionDispatchInfo.Capture(exception);
            return 0;
        }

        _mergedId?.Begin(_index, _position);
        PositionIsTold();
        return written;
    }

    /// <summary>Moves the client to where this is, by a frame that dispatches nothing.</summary>
    /// <remarks>Writes nothing where the protocol has no such frames.</remarks>
    private int WritePosition(IBufferWriter<byte> output)
    {
        PositionIsTold();
        var written = Protocol.IdOnlyFrames ? WriteIdLine(output) : 0;
        if (written == 0) return 0;
        output.Write("\n"u8);
        return written + 1;
    }

    private void PositionIsTold()
    {
        _told = _position;
        _isUntold = _isNew = false;
    }

    private int WriteIdLine(IBufferWriter<byte> output)
    {
        if (_mergedId is not null) return _mergedId.WriteLine(output, _index, _position);
        return FrameEncoder.WriteIdLine(output, IdAt(_position));
    }

    // Other channels of the connection write ids of their own, so the position counts only when the event that tells it is written.
    private string? IdHere() => _mergedId is null ? IdAt(_position) : _mergedId.At(_index, _position);

    // The id of the gap is the position from which what follows goes on.
    private int WriteGap(IBufferWriter<byte> output, EventStreamGap gap, long after)
    {
        Volatile.Write(ref _position, after);
        if (!TryTell(output, gap, IdHere(), out var written)) return 0;
        _mergedId?.Begin(_index, after);
        return written;
    }

    // The client gets the position only with the end of the snapshot: if it is cut in the middle, it gets the gap again.
    private int WriteSnapshot(IBufferWriter<byte> output, SnapshotFrames snapshot)
    {
        if (!TryTell(output, snapshot.Gap, id: null, out var written)) return 0;
        Volatile.Write(ref _position, snapshot.At);
        _told = _position;
        _page = null;
        Metrics.SnapshotSent(isOvertaken: snapshot.At < BeforeOldest);
        written += snapshot.Parts.WriteTo(output);
        if (!Protocol.IdOnlyFrames && snapshot.HasLast) written += WriteIdLine(output);
        return written + snapshot.Last.WriteTo(output) + WritePosition(output);
    }

    /// <summary>Tells the client of a gap, or notes that its protocol has no event for one.</summary>
    /// <returns>False if the protocol's function failed.</returns>
    private bool TryTell(IBufferWriter<byte> output, EventStreamGap gap, string? id, out int written)
    {
        written = 0;
        try
        {
            written = _gap!.Tell(output, Protocol, gap, id);
        }
        catch (Exception exception)
        {
            _fault = ExceptionDispatchInfo.Capture(exception);
            return false;
        }

        if (written > 0) _count++;
        PositionIsTold();
        _gap = null;
        return true;
    }

    private async ValueTask<bool> TakeSnapshotAsync(Func<EventStreamGap, CancellationToken, ValueTask<EventStreamSnapshot>> onGap, PendingGap gap)
    {
        _pace ??= new(Time);
        if (_pace.Left is var wait && wait > TimeSpan.Zero)
        {
            if (!_pace.HasWaited)
            {
                Metrics.SubscriberIsSlow();
                Log.SubscriberIsSlow(_history.Definition.Host.Logger, _history.Name);
            }

            using var over = new CancellationTokenSource();
            var hasWaited = await IsOverAsync(Task.Delay(wait, Time, over.Token));
            await over.CancelAsync();
            if (!hasWaited) return false;
            _pace.Waited();

            // The page is as old as the wait, and what it has may be dropped from the log by now.
            _page = null;
            return await MoveNextAsync();
        }

        _pace.Begin();
        var taking = _taking = gap.TakeSnapshotAsync(onGap, _page, _reading.Channel.Origin, _reading.CancellationToken);
        if (!await IsOverAsync(taking)) return false;
        _taking = null;
        await taking;
        _pace.End();
        Follow();
        return true;
    }

    /// <summary>Goes on in the history that has taken the place of this one.</summary>
    private void Follow()
    {
        if (_history.Successor is not { } successor) return;
        _history = successor;
        _mergedId?.Continue(_index, successor);
    }

    private string IdAt(long sequence) => _history.PositionAt(sequence).ToString();

    private TimeProvider Time => _history.Definition.Host.Time;

    private void ReportDelivery()
    {
        Metrics.Delivered(_flushing);
        _flushing = 0;
    }
}
