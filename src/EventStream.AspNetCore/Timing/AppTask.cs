namespace EventStream.AspNetCore.Timing;

/// <summary>Starts work that belongs to the app, and not to the request that happens to start it.</summary>
internal static class AppTask
{
    /// <summary>Starts work on the thread pool without its caller's execution context.</summary>
    /// <remarks>With it, the trace and culture of that request would stay in use as long as the work runs.</remarks>
    public static void Run(Func<Task> work)
    {
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(work);
    }
}
