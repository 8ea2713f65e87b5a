using EventStream.Testing.Timing;

namespace EventStream.Testing;

/// <summary>A clock that stands still until a test advances it.</summary>
/// <remarks>
/// Register it as the app's <see cref="TimeProvider"/>: keep-alives, lifetimes and retries then use it. Any thread may read it and set
/// timers; one thread at a time may advance it. It begins on 1 January 2020.
/// </remarks>
public sealed class FakeTime : TimeProvider
{
    private const int MostAtOnce = 1000;

    private readonly Lock _gate = new();
    private readonly List<FakeTimer> _timers = [];
    private TimeSpan _elapsed;
    private long _stirs;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>The local time zone: UTC on every machine.</summary>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>How far the clock has been advanced since it was created.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            lock (_gate) return _elapsed;
        }
    }

    /// <summary>How many signs of work there were: timers that were set, and bytes that arrived.</summary>
    internal long Stirs => Interlocked.Read(ref _stirs);

    /// <inheritdoc/>
    public override long GetTimestamp() => Elapsed.Ticks;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(50).AddTicks(GetTimestamp());

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FakeTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Advances the clock and fires the timers that come due, without waiting for the work that they start.</summary>
    /// <remarks>The timers fire in order, on the calling thread.</remarks>
    /// <param name="span">How far. Not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="span"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">
    /// A timer sets itself again and again with a due time of zero, so the clock cannot advance.
    /// </exception>
    public void Advance(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        var until = Elapsed + span;

        // Without this, continuations of a callback would run in the test's synchronization context. A real timer has none either.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            for (var atOnce = 0; MoveToNext(until, ref atOnce) is { } timer;) timer.Fire();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }

        MoveTo(until);
    }

    /// <summary>Advances the clock from timer to timer, and waits at each until the work that it started has come to rest.</summary>
    /// <remarks>
    /// When the task completes, the server has done everything that it would do within <paramref name="span"/>.
    /// <para/>
    /// Work has come to rest when three conditions hold. The thread pool has no pending work, no more bytes arrive over a loopback socket,
    /// and no timer of this clock is set. The method does not wait for work that itself waits for another process, another machine, its own
    /// thread or the real time. In a process that is never idle, it stops waiting after a second of the process's processor time.
    /// </remarks>
    /// <param name="span">How far. Not negative.</param>
    /// <returns>A task that completes when the clock has advanced by the whole span.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="span"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">
    /// A timer sets itself again and again with a due time of zero, so the clock cannot advance.
    /// </exception>
    public Task AdvanceAsync(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        return AdvanceAsync(span, static () => false);
    }

    internal static string Show(TimeSpan elapsed) => $"+{(int)elapsed.TotalHours:00}:{elapsed:mm\\:ss\\.fff}";

    /// <summary>Advances the clock until <paramref name="isEnough"/> returns true, at most by <paramref name="span"/>.</summary>
    internal Task AdvanceAsync(TimeSpan span, Func<bool> isEnough) =>
        Task.Factory.StartNew(() => Pass(span, isEnough), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Records a sign of work.</summary>
    internal void Stir() => Interlocked.Increment(ref _stirs);

    internal bool Set(FakeTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        Stir();
        lock (_gate)
        {
            if (timer.IsDisposed) return false;
            timer.Due = dueTime == Timeout.InfiniteTimeSpan ? null : _elapsed + dueTime;
            timer.Period = period;
            timer.IsAtOnce = dueTime == TimeSpan.Zero;
            if (!_timers.Contains(timer)) _timers.Add(timer);
            return true;
        }
    }

    internal void Remove(FakeTimer timer)
    {
        lock (_gate)
        {
            timer.IsDisposed = true;
            _timers.Remove(timer);
        }
    }

    // On its own thread, so that the thread pool's figures count only the work of others.
    private void Pass(TimeSpan span, Func<bool> isEnough)
    {
        var until = Elapsed + span;
        var rest = new Rest(this);
        var atOnce = 0;
        rest.Wait();
        while (!isEnough() && MoveToNext(until, ref atOnce) is { } timer)
        {
            var before = rest.Seen();
            var isLast = timer.Due is null;
            timer.Fire();
            // Work that a timer starts is visible at once. Work of a caller that awaited this method may not be: it continues inside this
            // call, and waits for a socket.
            if (isLast || rest.Seen() != before) rest.Wait();
        }

        if (isEnough()) return;
        MoveTo(until);
        rest.Wait();
    }

    /// <param name="until">The time up to which timers may fire.</param>
    /// <param name="atOnce">How many timers with a due time of zero have fired at the current time.</param>
    private FakeTimer? MoveToNext(TimeSpan until, ref int atOnce)
    {
        lock (_gate)
        {
            var next = _timers.Where(timer => timer.Due <= until).MinBy(timer => timer.Due);
            if (next is null) return null;
            if (next.Due > _elapsed) (_elapsed, atOnce) = (next.Due!.Value, 0);
            if (next.IsAtOnce && ++atOnce > MostAtOnce) throw Stuck();
            next.IsAtOnce = false;
            next.Due = next.Period > TimeSpan.Zero ? next.Due + next.Period : null;
            return next;
        }
    }

    // A callback may have advanced the clock further.
    private void MoveTo(TimeSpan elapsed)
    {
        lock (_gate) _elapsed = elapsed > _elapsed ? elapsed : _elapsed;
    }

    private InvalidOperationException Stuck() => new(
        $"The clock cannot advance from {Show(_elapsed)}: timers with a due time of zero have fired {MostAtOnce} times there. "
        + "Give the timer that sets itself again a due time above zero.");
}
