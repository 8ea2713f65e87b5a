using System.Buffers;
using System.Threading.Tasks.Sources;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;

namespace EventStream.AspNetCore.Channels;

/// <summary>A subscriber of several channels: whichever has something is read next, and none is read twice before the others had their turn.</summary>
internal sealed class MergedCursor : FrameCursor, IValueTaskSource<bool>
{
    private readonly ChannelCursor[] _cursors;
    private readonly Step[] _steps;
    private ManualResetValueTaskSourceCore<bool> _wait;

    // 1 while the loop waits; whoever takes it away resumes the loop.
    private int _isWaiting;
    private int _current = -1;
    private bool _hasCurrent;

    public MergedCursor(ChannelCursor[] cursors)
    {
        _cursors = cursors;
        _steps = [.. cursors.Select(cursor => new Step(this, cursor))];
    }

    public override string? CurrentId => null;

    public override int CurrentCount => _hasCurrent ? _cursors[_current].CurrentCount : 0;

    public override string? LastId => _cursors[0].LastId;

    public override EventStreamProtocol Protocol => _cursors[0].Protocol;

    public override bool IsFinal => true;

    public override string? ChannelName => _cursors[0].ChannelName;

    public override EndReason EndReason => Array.Exists(_cursors, cursor => cursor.EndReason == EndReason.Disconnected) ? EndReason.Disconnected : EndReason.Finished;

    public override ValueTask<bool> MoveNextAsync()
    {
        if (TryMove(out var moved)) return new(moved);
        _wait.Reset();
        Volatile.Write(ref _isWaiting, 1);
        Interlocked.MemoryBarrier();
        return _steps.Any(step => step.IsOver) && Interlocked.Exchange(ref _isWaiting, 0) == 1 ? MoveNextAsync() : new(this, _wait.Version);
    }

    public override int WriteCurrent(IBufferWriter<byte> output) => _hasCurrent ? _cursors[_current].WriteCurrent(output) : 0;

    public override int SkipCurrent(IBufferWriter<byte> output) => _hasCurrent ? _cursors[_current].SkipCurrent(output) : 0;

    public override void Interrupt() => Array.ForEach(_cursors, cursor => cursor.Interrupt());

    public override ValueTask DisposeAsync()
    {
        // Where one channel has failed, the others still wait for news.
        Interrupt();

        // Together: one whose OnGap does not return must not keep the others in their channels.
        return new(Task.WhenAll(Array.ConvertAll(_cursors, cursor => cursor.DisposeAsync().AsTask())));
    }

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _wait.GetResult(token);

        // One channel may have ended while others go on: then there is nothing to write, and the next move waits for the others.
        return !TryMove(out var moved) || moved;
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    /// <summary>Moves to the next channel that has something. False if there is none now; <paramref name="moved"/> is false if all have ended.</summary>
    private bool TryMove(out bool moved)
    {
        moved = _hasCurrent = false;
        var ended = 0;
        for (var i = 1; i <= _steps.Length; i++)
        {
            var next = (_current + i) % _steps.Length;
            switch (_steps[next].Take())
            {
                case true:
                    _current = next;
                    return moved = _hasCurrent = true;
                case false:
                    ended++;
                    break;
            }
        }

        return ended == _steps.Length || (ended > 0 && EndReason == EndReason.Disconnected);
    }

    private void StepIsOver()
    {
        if (Interlocked.Exchange(ref _isWaiting, 0) == 1) _wait.SetResult(true);
    }

    /// <summary>One channel's next step, under way or over.</summary>
    private sealed class Step
    {
        private readonly ChannelCursor _cursor;
        private readonly Action _onOver;
        private ValueTask<bool> _move;
        private bool _isUnderWay;
        private bool _hasEnded;
        private volatile bool _isOver;

        public Step(MergedCursor merged, ChannelCursor cursor)
        {
            _cursor = cursor;
            _onOver = () =>
            {
                _isOver = true;
                merged.StepIsOver();
            };
        }

        public bool IsOver => _isOver;

        /// <summary>True if the channel has something to write, false if it has ended, null if it has nothing now.</summary>
        public bool? Take()
        {
            if (_hasEnded) return false;
            if (_isUnderWay && !_isOver) return null;
            if (!_isUnderWay)
            {
                _move = _cursor.MoveNextAsync();
                if (!_move.IsCompleted)
                {
                    _isOver = false;
                    _isUnderWay = true;
                    _move.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onOver);
                    return null;
                }
            }

            _isUnderWay = _isOver = false;
            var hasSome = _move.GetAwaiter().GetResult();
            _hasEnded = !hasSome;
            return hasSome;
        }
    }
}
