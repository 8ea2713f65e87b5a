namespace EventStream.AspNetCore.Timing;

/// <summary>Timers that live as long as the app.</summary>
internal static class AppTimer
{
    /// <summary>
    /// Makes a timer without the context of the request that happens to be the first, whose trace and culture would live as long.
    /// </summary>
    public static ITimer Create(TimeProvider time, TimerCallback callback, object state, TimeSpan interval)
    {
        using (ExecutionContext.SuppressFlow()) return time.CreateTimer(callback, state, interval, interval);
    }
}
