using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Responses;

/// <summary>One run of a user's source: its cursor, its token, and a wait for it that can be interrupted, and abandoned.</summary>
/// <remarks>
/// Owned by the loop of a stream, except <see cref="CancelAsync"/>, <see cref="WakeForKeepAlive"/> and <see cref="TickWhileStopping"/>.
/// </remarks>
/// <param name="clock">The app's clock.</param>
/// <param name="stop">Says how long a call may take.</param>
/// <param name="resumesInline">
/// Whether the loop goes on where the source's call completes. Not where a middleware's body may block it: a channel wakes many on one
/// thread.
/// </param>
internal sealed class SourceRun(Clock clock, StreamStop stop, bool resumesInline) : StreamSignal(resumesInline)
{
    private CancellationTokenSource? _cancellation;
    private FrameCursor? _cursor;

    // The tick since which a call into the source is pending, written by the loop and read by the clock; 0 where none is.
    private long _pendingSince;

    public FrameCursor Cursor => _cursor!;

    /// <summary>
    /// Whether a call into the source did not return in time; then nobody may make another, and it is disposed of once it does.
    /// </summary>
    public bool IsAbandoned { get; private set; }

    public void Open(HttpContext context, FrameSource source, StreamFormat format, string? lastEventId)
    {
        if (source.NeedsToken) _cancellation = new();
        _cursor = source.Open(context, format, lastEventId, _cancellation?.Token ?? CancellationToken.None);
    }

    /// <summary>Polls the cursor. If nothing is ready, the loop waits, and polls again when it is woken for the source.</summary>
    public PollResult Poll()
    {
        var since = _pendingSince;
        Volatile.Write(ref _pendingSince, 0);
        var result = _cursor!.Poll(this);
        if (result == PollResult.Pending) Volatile.Write(ref _pendingSince, since > 0 ? since : clock.Now);
        return result;
    }

    /// <summary>Cancels the source's token on the thread pool, because callbacks of the user's may run there for long.</summary>
    public Task CancelAsync()
    {
        _cursor?.Interrupt();
        return _cancellation?.CancelAsync() ?? Task.CompletedTask;
    }

    /// <summary>Has the loop write a keep-alive.</summary>
    /// <remarks>
    /// In this call where the loop may: a tick may have a hundred due, and each would otherwise be a work item of its own.
    /// </remarks>
    public void WakeForKeepAlive() => Set(StreamWake.KeepAlive);

    /// <summary>The clock's call while the stream is ending: has a source given up that was cancelled and does not return.</summary>
    public void TickWhileStopping(long now)
    {
        if (stop.IsOverdue(Volatile.Read(ref _pendingSince), now)) Set(StreamWake.Deadline, inline: false);
    }

    /// <summary>Abandons a pending step that is overdue. It is disposed of once it returns.</summary>
    public bool TryAbandonStep()
    {
        if (!TryAbandon()) return false;
        DisposeOnceReturnedAsync().Abandon();
        return true;
    }

    /// <summary>Ends a step that is pending, and disposes of the source, so that its finally blocks have run; or abandons it.</summary>
    /// <remarks>The stream is ending, so its clock watches over the time.</remarks>
    /// <returns>What the disposal threw, if it did.</returns>
    public async ValueTask<Exception?> CloseAsync()
    {
        if (IsAbandoned || !await StepReturnsAsync()) return null;
        try
        {
            var disposal = Cursor.DisposeAsync().AsTask();
            if (!disposal.IsCompleted && !await ReturnsAsync(disposal)) return null;
            await disposal;
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    /// <summary>Waits for a step whose result is not used.</summary>
    private async ValueTask<bool> StepReturnsAsync()
    {
        if (_pendingSince == 0) return true;
        CancelAsync().Abandon();
        try
        {
            while (Poll() == PollResult.Pending)
            {
                await WaitAsync();
                if (TryAbandonStep()) return false;
            }
        }
        catch
        {
            // The stream has ended for another reason before.
        }

        return true;
    }

    private async ValueTask<bool> ReturnsAsync(Task disposal)
    {
        CancelAsync().Abandon();
        Volatile.Write(ref _pendingSince, clock.Now);
        disposal.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => Set(StreamWake.Source));
        while (!disposal.IsCompleted)
        {
            await WaitAsync();
            if (disposal.IsCompleted || !TryAbandon()) continue;
            disposal.Abandon();
            return false;
        }

        return true;
    }

    private bool TryAbandon()
    {
        if (!stop.IsOverdue(_pendingSince, clock.Now)) return false;
        return IsAbandoned = true;
    }

    // In the loop's place, which waits for the source no more.
    private async Task DisposeOnceReturnedAsync()
    {
        try
        {
            while (Poll() == PollResult.Pending) await WaitAsync();
        }
        catch
        {
            // The request is over.
        }

        await Cursor.DisposeAsync();
    }
}
