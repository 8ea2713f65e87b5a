using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Responses;

/// <summary>One run of a user's source: its cursor and its token, and a wait for it that others can interrupt, and that can be given up.</summary>
/// <remarks>Owned by the loop of a stream, except <see cref="CancelAsync"/>, <see cref="WakeForKeepAlive"/> and <see cref="TickWhileStopping"/>.</remarks>
/// <param name="clock">The app's clock.</param>
/// <param name="stopTimeout">How long a call may take once the run is cancelled.</param>
/// <param name="resumesInline">
/// Whether the loop goes on where the source's call completes: not where a middleware's body may block it, because a channel completes the calls of
/// many on one thread.
/// </param>
internal sealed class SourceRun(Clock clock, TimeSpan stopTimeout, bool resumesInline) : StreamSignal
{
    private CancellationTokenSource? _cancellation;
    private FrameCursor? _cursor;
    private Action? _onReturned;
    private bool _isDisposing;

    // Ticks, written by the loop or by whoever stops the stream, and read by the clock; 0 where it is not so.
    private long _waitingSince;
    private long _cancelledAt;

    public FrameCursor Cursor => _cursor!;

    /// <summary>Whether a call into the source did not return in time; then nobody may make another, and it is disposed of once it does.</summary>
    public bool IsAbandoned { get; private set; }

    private bool IsWaiting => Volatile.Read(ref _waitingSince) != 0;

    public void Open(HttpContext context, FrameSource source, StreamFormat format, string? lastEventId)
    {
        if (source.NeedsToken) _cancellation = new();
        _cursor = source.Open(context, format, lastEventId, _cancellation?.Token ?? CancellationToken.None);
    }

    /// <summary>Cancels the source's token on the thread pool, because callbacks of the user's may run there for long.</summary>
    public Task CancelAsync()
    {
        Volatile.Write(ref _cancelledAt, clock.Now);
        _cursor?.Interrupt();
        return _cancellation?.CancelAsync() ?? Task.CompletedTask;
    }

    /// <summary>Has the loop write a keep-alive: in this call where it may, because a tick may have a hundred due, and each would otherwise be a work item of its own.</summary>
    public void WakeForKeepAlive() => Set(StreamWake.KeepAlive, resumesInline);

    /// <summary>The clock's call while the stream is ending: has a source given up that was cancelled and does not return.</summary>
    public void TickWhileStopping(long now)
    {
        if (IsOverdue(now)) Set(StreamWake.Deadline, inline: false);
    }

    /// <summary>Begins to wait for a pending call into the source; the loop then waits until <see cref="IsOver"/>.</summary>
    public void Watch(in ValueTask<bool> call)
    {
        Volatile.Write(ref _waitingSince, clock.Now);
        call.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onReturned ??= () => Set(StreamWake.Source, resumesInline));
    }

    /// <summary>Whether the wait is over; a call that is overdue is abandoned, and that is the end of the wait as well.</summary>
    public bool IsOver(StreamWake wake, ValueTask<bool> call)
    {
        if (wake.HasFlag(StreamWake.Source))
        {
            Volatile.Write(ref _waitingSince, 0);
            return true;
        }

        if (!IsOverdue(clock.Now)) return false;
        IsAbandoned = true;
        _ = DisposeOnceReturnedAsync(call);
        return true;
    }

    /// <summary>Cancels a step that nobody will use, and waits for it, or abandons the source.</summary>
    public async ValueTask DiscardAsync(ValueTask<bool> step)
    {
        if (!IsWaiting && step.IsCompleted) return;
        _ = IgnoreAsync(CancelAsync());
        if (await ReturnsAsync(step)) await IgnoreAsync(step.AsTask());
    }

    /// <summary>Disposes of the source, so that its finally blocks have run; a disposal that does not return in time is abandoned as well.</summary>
    /// <returns>What the disposal threw, if it did.</returns>
    public async ValueTask<Exception?> CloseAsync()
    {
        if (IsAbandoned) return null;
        _isDisposing = true;
        try
        {
            // A disposal is awaited like a step, whose result does not matter.
            var disposal = DisposeAsync();
            if (!disposal.IsCompleted)
            {
                if (Volatile.Read(ref _cancelledAt) == 0) _ = IgnoreAsync(CancelAsync());
                if (!await ReturnsAsync(disposal)) return null;
            }

            await disposal;
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    private static async Task IgnoreAsync(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async ValueTask<bool> ReturnsAsync(ValueTask<bool> call)
    {
        if (!IsWaiting) Watch(call);
        while (!IsOver(await WaitAsync(), call))
        {
        }

        return !IsAbandoned;
    }

    private bool IsOverdue(long now) =>
        Volatile.Read(ref _waitingSince) is > 0 and var waiting &&
        Volatile.Read(ref _cancelledAt) is > 0 and var cancelled &&
        now >= Math.Max(waiting, cancelled) + Clock.Ticks(stopTimeout);

    private async ValueTask<bool> DisposeAsync()
    {
        await Cursor.DisposeAsync();
        return true;
    }

    // The call's continuation is the signal already, and a value task takes no second one: so this waits in the loop's place.
    private async Task DisposeOnceReturnedAsync(ValueTask<bool> call)
    {
        while (!(await WaitAsync()).HasFlag(StreamWake.Source))
        {
        }

        await IgnoreAsync(call.AsTask());
        if (!_isDisposing) await IgnoreAsync(DisposeAsync().AsTask());
    }
}
