namespace EventStream.Client.Reading;

/// <summary>Waits for the calls of one attempt into foreign code: handlers, the body's stream, the app's <c>PrepareRequest</c>.</summary>
/// <remarks>
/// A wait ends in bounded time, even if that code ignores its token:
/// <list type="number">
/// <item>The connection gives <see cref="Token"/> to a call, and waits by <c>WaitAsync</c>. There is one call at a time.</item>
/// <item>The app cancels, or the wait reaches the idle timeout. Either ends the wait by a token source that foreign code never
/// sees.</item>
/// <item>At the same time <see cref="Token"/> is cancelled, on the thread pool. A callback that blocks there delays neither the wait nor
/// the app's own cancellation.</item>
/// <item>A call that has not returned stays in <see cref="Pending"/>. Until it returns, it may use its memory, request and
/// response.</item>
/// </list>
/// To keep a wait cheap, the idle timer is not reset for each wait. It fires once an interval, and compares the age of the wait.
/// The connection writes <see cref="_waitingSince"/> and the timer reads it. The gate keeps the timer from running on after
/// <see cref="Dispose"/>.
/// </remarks>
internal sealed class ForeignCalls : IDisposable
{
    private const long NoWait = long.MinValue;

    private readonly Lock _gate = new();

    // Never disposed of, because a pending call may still use the token. Neither has a timer or a link, so nothing leaks.
    private readonly CancellationTokenSource _given = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenRegistration _cancellation;
    private readonly TimeProvider _time;
    private readonly ITimer? _timer;
    private long _waitingSince = NoWait;
    private bool _isDisposed;

    public ForeignCalls(TimeSpan? idle, TimeProvider time, CancellationToken cancellationToken)
    {
        _time = time;
        IdleTimeout = idle ?? Timeout.InfiniteTimeSpan;
        _cancellation = cancellationToken.UnsafeRegister(static state => ((ForeignCalls)state!).Stop(), this);
        if (idle is null) return;
        // Started only after the field is set, because the callback uses the field.
        _timer = time.CreateTimer(
            static state => ((ForeignCalls)state!).CheckIdle(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(IdleTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The token for each call; cancelled when the wait ends before the call returns.</summary>
    public CancellationToken Token => _given.Token;

    public TimeSpan IdleTimeout { get; }

    /// <summary>Whether a wait has lasted for the idle timeout.</summary>
    public bool HasExpired { get; private set; }

    /// <summary>The last call that did not return at once; completed if it has returned.</summary>
    public Task Pending { get; private set; } = Task.CompletedTask;

    /// <summary>Waits for a call, even if the call ignores its token.</summary>
    /// <param name="call">The task of the call.</param>
    /// <param name="most">
    /// A shorter limit than the idle timeout, after which a <see cref="TimeoutException"/> is thrown; null: none.
    /// </param>
    /// <exception cref="OperationCanceledException">
    /// The app has cancelled, or the idle timeout has passed, and the call has not returned.
    /// </exception>
    public ValueTask<T> WaitAsync<T>(ValueTask<T> call, TimeSpan? most = null) =>
        call.IsCompleted ? call : new(WaitAsync(call.AsTask(), most ?? Timeout.InfiniteTimeSpan));

    /// <summary>Cancels a pending call, and stops the idle timer.</summary>
    public void Dispose()
    {
        if (!Pending.IsCompleted) Stop();
        lock (_gate) _isDisposed = true;
        _cancellation.Unregister();
        _timer?.Dispose();
    }

    private async Task<T> WaitAsync<T>(Task<T> call, TimeSpan most)
    {
        Pending = call;
        Volatile.Write(ref _waitingSince, _time.GetTimestamp());
        try
        {
            return await call.WaitAsync(most, _time, _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _waitingSince, NoWait);
        }
    }

    private void CheckIdle()
    {
        var since = Volatile.Read(ref _waitingSince);
        var left = since == NoWait ? IdleTimeout : IdleTimeout - _time.GetElapsedTime(since);
        lock (_gate)
        {
            if (_isDisposed) return;
            if (left > TimeSpan.Zero)
            {
                _timer!.Change(left, Timeout.InfiniteTimeSpan);
                return;
            }

            HasExpired = true;
        }

        Stop();
    }

    // Both on the thread pool: otherwise the waiting code would continue inside the app's Cancel call or the clock's timer.
    private void Stop()
    {
        _stop.CancelAsync().Abandon();
        _given.CancelAsync().Abandon();
    }
}
