using EventStream.Testing.Timing;

namespace EventStream.Testing;

/// <summary>
/// A clock that stands still until a test moves it: register it as the app's <see cref="TimeProvider"/>, and keep-alives, lifetimes and
/// retries obey it.
/// </summary>
/// <remarks>Any thread may read it and set timers; one at a time may move it. It begins on 1 January 2020.</remarks>
public sealed class FakeTime : TimeProvider
{
    private const int MostAtOnce = 1000;

    private readonly Lock _gate = new();
    private readonly List<FakeTimer> _timers = [];
    private TimeSpan _elapsed;
    private long _stirs;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>UTC, on every machine.</summary>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>How far the clock has been moved since it was made.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            lock (_gate) return _elapsed;
        }
    }

    /// <summary>How often something has shown that work is going on: a timer that was set, bytes that arrived.</summary>
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

    /// <summary>
    /// Moves the clock and fires what comes due on the way, in order and on this thread, without waiting for the work that it starts.
    /// </summary>
    /// <param name="span">How far. Not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="span"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">
    /// Timers that are set anew with a due time of zero, again and again, keep the clock where it is.
    /// </exception>
    public void Advance(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        var until = Elapsed + span;

        // A real timer has no context either; without this, what goes on in a callback would return to the test's.
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

    /// <summary>
    /// Lets time pass: moves the clock from one due timer to the next, and waits at each until the work that it started has come to rest.
    /// All that the server would do within <paramref name="span"/> is done when this returns.
    /// </summary>
    /// <remarks>
    /// Rest is: no pending work on the thread pool, and nothing more that arrives over a loopback socket or shows at this clock. Work that
    /// waits for another process, another machine, a thread of its own or the real time is not waited for, and in a process that is never
    /// idle, rest is guessed after a second of its processor time.
    /// </remarks>
    /// <param name="span">How far. Not negative.</param>
    /// <returns>A task that ends when the clock has arrived.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="span"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">
    /// Timers that are set anew with a due time of zero, again and again, keep the clock where it is.
    /// </exception>
    public Task AdvanceAsync(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        return AdvanceAsync(span, static () => false);
    }

    internal static string Show(TimeSpan elapsed) => $"+{(int)elapsed.TotalHours:00}:{elapsed:mm\\:ss\\.fff}";

    /// <summary>Lets time pass until <paramref name="isEnough"/>, at most <paramref name="span"/>.</summary>
    internal Task AdvanceAsync(TimeSpan span, Func<bool> isEnough) =>
        Task.Factory.StartNew(() => Pass(span, isEnough), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Tells that work is going on.</summary>
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

    // On a thread of its own: the pool's figures then tell of others' work alone.
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
            // What a clock's tick starts shows at once, if it starts anything. What one who waited does may not: it goes on in this call,
            // and waits for a socket.
            if (isLast || rest.Seen() != before) rest.Wait();
        }

        if (isEnough()) return;
        MoveTo(until);
        rest.Wait();
    }

    /// <param name="until">How far at most.</param>
    /// <param name="atOnce">How many timers of the present moment were set to fire at once.</param>
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

    // A callback may have moved the clock further.
    private void MoveTo(TimeSpan elapsed)
    {
        lock (_gate) _elapsed = elapsed > _elapsed ? elapsed : _elapsed;
    }

    private InvalidOperationException Stuck() => new(
        $"The clock cannot move on from {Show(_elapsed)}: timers that were set with a due time of zero have fired {MostAtOnce} times "
        + "there. Give the one that sets itself anew a due time above zero.");
}
