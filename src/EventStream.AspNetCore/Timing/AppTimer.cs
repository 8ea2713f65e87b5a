namespace EventStream.AspNetCore.Timing;

/// <summary>Creates timers that exist as long as the app.</summary>
internal static class AppTimer
{
    /// <summary>Creates a timer without the execution context of the request that happens to be the first.</summary>
    /// <remarks>With it, the trace and culture of that request would stay in use as long as the timer exists.</remarks>
    public static ITimer Create(TimeProvider time, TimerCallback callback, object state, TimeSpan interval)
    {
        using (ExecutionContext.SuppressFlow()) return time.CreateTimer(callback, state, interval, interval);
    }
}
