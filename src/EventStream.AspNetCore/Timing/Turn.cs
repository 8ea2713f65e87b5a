namespace EventStream.AspNetCore.Timing;

/// <summary>The time for which a loop that never waits may keep its thread of the pool.</summary>
/// <remarks>
/// It is real time, and not that of the app's <see cref="TimeProvider"/>, because other work misses the thread in real time. It is read at
/// every eighth step, because a read costs up to a tenth of a small message.
/// </remarks>
internal struct Turn
{
    private const int StepsBetweenReads = 8;
    private const long Milliseconds = 5;

    private long _since;
    private int _steps;

    /// <summary>Counts a step. If it returns true, the loop must yield its thread, and the next step begins another turn.</summary>
    public bool IsOver() => _steps++ % StepsBetweenReads == 0 && HasLasted();

    private bool HasLasted()
    {
        var now = Environment.TickCount64;
        if (_steps == 1) _since = now;
        if (now - _since < Milliseconds) return false;
        _steps = 0;
        return true;
    }
}
