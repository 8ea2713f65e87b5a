namespace EventStream.Testing.Timing;

/// <summary>
/// Waits until the work that a timer has started is done, by what can be seen of it. Used by one thread, which is none of the pool's.
/// </summary>
internal sealed class Rest(FakeTime time)
{
    private const int QuietPasses = 2;

    // A second in all, for the thread that watches the sockets of a starved process.
    private const int MostLate = 100;

    /// <summary>
    /// How long work may go on before it is taken for work that never ends: in processor time, of which a starved process gets little.
    /// </summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeastLimit = TimeSpan.FromMilliseconds(1);

    // What all waits that reached their limit may take together.
    private TimeSpan _patience = TimeSpan.FromSeconds(3);

    // Threads that are blocked for good, such as a test host's own, are no sign of work.
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
        var limit = _patience > Limit ? Limit : LeastLimit;
        var leastBusy = int.MaxValue;
        while (Seen() is var seen && (seen.Pending > 0 || seen.Busy > _leastBusy))
        {
            leastBusy = Math.Min(leastBusy, seen.Busy);
            var waited = Used() - started;
            if (waited > limit)
            {
                _patience -= waited;
                _leastBusy = leastBusy;
                return false;
            }

            // Gives the processor to whoever has work, which a busy machine would otherwise let wait.
            if (!Thread.Yield()) Thread.SpinWait(20);
        }

        return true;
    }
}
