namespace EventStream.Client.Reading;

/// <summary>Cancels a wait that has lasted for too long. Only waits count: a reader may take its time over an event.</summary>
/// <remarks>
/// The timer is not set anew for each read. It fires once an interval, and looks how old the wait is. <see cref="_waitingSince"/> is written by the connection and read
/// by the timer; the gate guards the end of both.
/// </remarks>
internal sealed class IdleWatch : IDisposable
{
    private const long NoWait = long.MinValue;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _source;
    private readonly TimeProvider _time;
    private readonly ITimer? _timer;
    private long _waitingSince = NoWait;
    private bool _isDisposed;

    public IdleWatch(TimeSpan? most, TimeProvider time, CancellationToken cancellationToken)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Token = _source.Token;
        _time = time;
        Most = most ?? Timeout.InfiniteTimeSpan;
        if (most is null) return;
        // Set once it is known here: it looks for itself.
        _timer = time.CreateTimer(static state => ((IdleWatch)state!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(Most, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled when a wait has lasted for too long, or the reader cancels.</summary>
    public CancellationToken Token { get; }

    /// <summary>Whether a wait has lasted for too long.</summary>
    public bool HasExpired { get; private set; }

    public TimeSpan Most { get; }

    public void Begin() => Volatile.Write(ref _waitingSince, _time.GetTimestamp());

    public void End() => Volatile.Write(ref _waitingSince, NoWait);

    public void Dispose()
    {
        lock (_gate) _isDisposed = true;
        _timer?.Dispose();
        _source.Dispose();
    }

    private void Look()
    {
        var since = Volatile.Read(ref _waitingSince);
        var left = since == NoWait ? Most : Most - _time.GetElapsedTime(since);
        lock (_gate)
        {
            if (_isDisposed) return;
            if (left > TimeSpan.Zero)
            {
                _timer!.Change(left, Timeout.InfiniteTimeSpan);
            }
            else
            {
                HasExpired = true;
                // What was waiting goes on elsewhere, not under the gate.
                _ = _source.CancelAsync();
            }
        }
    }
}
