namespace EventStream.Testing.Timing;

/// <summary>Waits until the visible work that a timer has started is done.</summary>
/// <remarks>Used by one thread, which must not be one of the thread pool's.</remarks>
internal sealed class Rest(FakeTime time)
{
    private const int QuietPasses = 2;

    // One second altogether, because the thread that watches the sockets gets little time in a starved process.
    private const int MostLate = 100;

    /// <summary>How long work may last before it counts as endless.</summary>
    /// <remarks>In processor time, because a starved process gets little of it.</remarks>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeastLimit = TimeSpan.FromMilliseconds(1);

    // The time left for waits that reach their limit.
    private TimeSpan _waitBudget = TimeSpan.FromSeconds(3);

    // Threads that are blocked permanently, such as a test host's own, are not a sign of work.
    private int _leastBusy = int.MaxValue;

    public Activity Seen()
    {
        var seen = Activity.Of(time);
        _leastBusy = Math.Min(_leastBusy, seen.Busy);
        return seen;
    }

    public void Wait()
    {
        var started = Used();
        for (int quiet = 0, late = 0; quiet < QuietPasses && late < MostLate;)
        {
            var stirs = time.Stirs;
            if (!WaitForThePool(started)) return;
            var isBack = LoopbackEcho.Shared?.Pass() ?? true;
            if (!WaitForThePool(started)) return;
            quiet = isBack && time.Stirs == stirs ? quiet + 1 : 0;
            if (!isBack) late++;
        }
    }

    private static TimeSpan Used() => Environment.CpuUsage.TotalTime;

    private bool WaitForThePool(TimeSpan started)
    {
        var limit = _waitBudget > Limit ? Limit : LeastLimit;
        var leastBusy = int.MaxValue;
        while (Seen() is var seen && (seen.Pending > 0 || seen.Busy > _leastBusy))
        {
            leastBusy = Math.Min(leastBusy, seen.Busy);
            var waited = Used() - started;
            if (waited > limit)
            {
                _waitBudget -= waited;
                _leastBusy = leastBusy;
                return false;
            }

            // Yields the processor to threads with work, which a busy machine would otherwise keep waiting.
            if (!Thread.Yield()) Thread.SpinWait(20);
        }

        return true;
    }
}
