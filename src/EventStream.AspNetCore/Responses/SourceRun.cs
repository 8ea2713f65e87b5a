using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Responses;

/// <summary>One run of a user's source: its cursor, its token, and the wait for it.</summary>
/// <remarks>
/// The wait can be interrupted, and the source abandoned. Owned by the loop of a stream, except <see cref="CancelAsync"/>,
/// <see cref="WakeForKeepAlive"/> and <see cref="TickWhileStopping"/>.
/// </remarks>
/// <param name="clock">The app's clock.</param>
/// <param name="stop">The end of the stream, which bounds the time of a call.</param>
/// <param name="resumesInline">
/// Whether the loop continues on the thread on which the source's call completes. False if a middleware's body may block that thread,
/// because a channel wakes many loops on one thread.
/// </param>
internal sealed class SourceRun(Clock clock, StreamStop stop, bool resumesInline) : StreamSignal(resumesInline)
{
    private CancellationTokenSource? _cancellation;
    private FrameCursor? _cursor;

    // The tick since which a call into the source is pending, written by the loop and read by the clock; 0 if none is.
    private long _pendingSince;

    public FrameCursor Cursor => _cursor!;

    /// <summary>Whether a call into the source did not return in time.</summary>
    /// <remarks>Then the loop must not call the source again. The source is disposed of once the call returns.</remarks>
    public bool IsAbandoned { get; private set; }

    /// <summary>Opens the source.</summary>
    /// <param name="context">The request.</param>
    /// <param name="source">The source.</param>
    /// <param name="format">The format of its frames.</param>
    /// <param name="lastEventId">The position of the client.</param>
    /// <param name="lease">The lease without which its messages are held; null if the source itself needs it, or none is needed.</param>
    public void Open(HttpContext context, FrameSource source, StreamFormat format, string? lastEventId, NodeLease? lease)
    {
        if (source.NeedsToken) _cancellation = new();
        var cursor = source.Open(context, format, lastEventId, _cancellation?.Token ?? CancellationToken.None);
        _cursor = lease is null ? cursor : new LeasedCursor(cursor, lease, signal: this);
    }

    /// <summary>Wakes the loop if its message is held, after the lease was renewed.</summary>
    public void WakeIfHeld() => (_cursor as LeasedCursor)?.WakeIfHeld();

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

    /// <summary>Wakes the loop to write a keep-alive.</summary>
    /// <remarks>
    /// The loop writes it in this call if it may resume inline. At one tick a hundred may be due, and each would otherwise be a work item
    /// for the thread pool.
    /// </remarks>
    public void WakeForKeepAlive() => Set(StreamWake.KeepAlive);

    /// <summary>Wakes the loop to abandon a call that is overdue. Called by the clock while the stream is ending.</summary>
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

    /// <summary>Waits for a pending step, and disposes of the source, so that its finally blocks have run; or abandons it.</summary>
    /// <remarks>The session's tick limits the time of both (<see cref="EventStreamOptions.SourceStopTimeout"/>).</remarks>
    /// <returns>The exception of the disposal; null if it threw none.</returns>
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
            // Ignored, because the stream has already ended for another reason.
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
        (_cursor as LeasedCursor)?.Leave();
        return IsAbandoned = true;
    }

    // Runs instead of the loop, which no longer waits for the source.
    private async Task DisposeOnceReturnedAsync()
    {
        try
        {
            while (Poll() == PollResult.Pending) await WaitAsync();
        }
        catch
        {
            // Ignored, because the request has ended.
        }

        await Cursor.DisposeAsync();
    }
}
