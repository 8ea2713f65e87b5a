using System.Buffers;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Sources;

/// <summary>Reads a user's enumerator. The derived class turns an item into a frame.</summary>
internal abstract class SequenceCursor<TItem>(IAsyncEnumerator<TItem> items, EventStreamProtocol protocol) : FrameCursor
{
    private string? _currentId;
    private string? _lastId;

    // The pending step, the signal of the loop that waits for it, and its continuation.
    private ValueTask<bool> _step;
    private StreamSignal? _signal;
    private Action? _onReturned;
    private bool _isPending;

    // Set by the thread on which the pending step completes.
    private volatile bool _hasReturned;

    public sealed override string? CurrentId => _currentId;

    public sealed override string? LastId => _lastId;

    public sealed override EventStreamProtocol Protocol => protocol;

    public sealed override PollResult Poll(StreamSignal signal)
    {
        if (_isPending) return _hasReturned ? TakePending() : PollResult.Pending;
        var step = items.MoveNextAsync();
        if (step.IsCompletedSuccessfully) return step.Result ? PollResult.Ready : PollResult.Ended;
        if (step.IsCompleted) return Result(step);
        Await(step, signal);
        return PollResult.Pending;
    }

    public sealed override int WriteCurrent(IBufferWriter<byte> output)
    {
        var written = Write(output, items.Current, out _currentId);
        if (written > 0 && _currentId is not null) _lastId = _currentId;
        return written;
    }

    public sealed override int SkipCurrent(IBufferWriter<byte> output)
    {
        var written = protocol.IdOnlyFrames ? FrameEncoder.WritePosition(output, _currentId) : 0;
        if (written > 0) _lastId = _currentId;
        return written;
    }

    public sealed override ValueTask DisposeAsync() => items.DisposeAsync();

    /// <summary>Writes an item. It sets the id first, so that the caller has it even if the write throws.</summary>
    protected abstract int Write(IBufferWriter<byte> output, in TItem item, out string? id);

    private static PollResult Result(ValueTask<bool> step) => step.GetAwaiter().GetResult() ? PollResult.Ready : PollResult.Ended;

    private void Await(ValueTask<bool> step, StreamSignal signal)
    {
        (_step, _signal) = (step, signal);
        _hasReturned = false;
        _isPending = true;
        step.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onReturned ??= OnReturned);
    }

    // The step counts as returned only when its continuation runs. It may show a moment earlier that it is complete. If its object were
    // then used for the next step, it would still be completing this one.
    private void OnReturned()
    {
        _hasReturned = true;
        _signal!.Set(StreamWake.Source);
    }

    private PollResult TakePending()
    {
        var step = _step;
        _step = default;
        _isPending = false;
        return Result(step);
    }
}
