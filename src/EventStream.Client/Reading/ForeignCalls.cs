namespace EventStream.Client.Reading;

/// <summary>
/// The calls of one attempt into code that is not ours: the handlers, the body's stream, the caller's <c>PrepareRequest</c>.
/// </summary>
/// <remarks>
/// A wait ends in bounded time, also where that code ignores its token:
/// <list type="number">
/// <item>The connection gives <see cref="Token"/> to a call, and waits by <c>WaitAsync</c>. One call at a time.</item>
/// <item>The reader cancels, or the wait grows as old as the idle timeout. Both end the wait by a source that no other code knows.</item>
/// <item><see cref="Token"/> is cancelled beside that, on the thread pool. A callback that blocks there delays neither the wait nor the
/// reader's own cancel.</item>
/// <item>A call that has not returned stays in <see cref="Pending"/>. Until it returns, it may use what it was given: memory, request,
/// response.</item>
/// </list>
/// The idle timer is not set anew for each wait. It fires once an interval, and looks how old the wait is. <see cref="_waitingSince"/> is
/// written by the connection and read by the timer; the gate guards the end of both.
/// </remarks>
internal sealed class ForeignCalls : IDisposable
{
    private const long NoWait = long.MinValue;

    private readonly Lock _gate = new();

    // Neither has a timer or a link to another source, so neither needs to be disposed of: a pending call may still hold the token.
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
        // Set once it is known here: it looks for itself.
        _timer = time.CreateTimer(static state => ((ForeignCalls)state!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(IdleTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>For each call: cancelled when its wait has ended without it.</summary>
    public CancellationToken Token => _given.Token;

    public TimeSpan IdleTimeout { get; }

    /// <summary>Whether a wait has lasted for the idle timeout.</summary>
    public bool HasExpired { get; private set; }

    /// <summary>The last call that did not return at once; completed if it has returned.</summary>
    public Task Pending { get; private set; } = Task.CompletedTask;

    /// <summary>Waits for a call, however it treats its token.</summary>
    /// <param name="call">What the call has returned.</param>
    /// <param name="most">
    /// A shorter limit than the idle timeout, after which a <see cref="TimeoutException"/> is thrown; null: none.
    /// </param>
    /// <exception cref="OperationCanceledException">
    /// The reader has cancelled, or the idle timeout is over, and the call has not returned.
    /// </exception>
    public ValueTask<T> WaitAsync<T>(ValueTask<T> call, TimeSpan? most = null) =>
        call.IsCompleted ? call : new(WaitAsync(call.AsTask(), most ?? Timeout.InfiniteTimeSpan));

    /// <summary>Ends what is still pending, and looks no more.</summary>
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

    private void Look()
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

    // Both on the thread pool: what was waiting goes on there, not inside the reader's cancel or the clock's timer.
    private void Stop()
    {
        _stop.CancelAsync().Abandon();
        _given.CancelAsync().Abandon();
    }
}
