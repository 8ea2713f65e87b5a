namespace EventStream.AspNetCore.Tests.Soak;

/// <summary>The system's clock, which counts the timers that will still fire.</summary>
/// <remarks>A stream that was never removed from the app's clock keeps the clock's timer running, so it is counted here.</remarks>
internal sealed class CountedTime : TimeProvider
{
    private int _running;

    public int Running => Volatile.Read(ref _running);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer : ITimer
    {
        private readonly Lock _gate = new();
        private readonly CountedTime _time;
        private readonly ITimer _inner;

        // All under _gate.
        private bool _isRunning;
        private bool _repeats;
        private bool _isDisposed;

        public Timer(CountedTime time, TimerCallback callback, object? state)
        {
            _time = time;
            _inner = System.CreateTimer(
                _ =>
                {
                    lock (_gate) Count(_isRunning && _repeats);
                    callback(state);
                },
                null,
                Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_gate)
            {
                if (_isDisposed) return false;
                _repeats = period > TimeSpan.Zero;
                Count(dueTime >= TimeSpan.Zero);
                return _inner.Change(dueTime, period);
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _isDisposed = true;
                Count(false);
                _inner.Dispose();
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Count(bool isRunning)
        {
            if (isRunning != _isRunning) Interlocked.Add(ref _time._running, isRunning ? 1 : -1);
            _isRunning = isRunning;
        }
    }
}
