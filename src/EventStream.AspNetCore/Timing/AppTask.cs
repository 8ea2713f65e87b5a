namespace EventStream.AspNetCore.Timing;

/// <summary>Work that belongs to the app, and not to the request that happens to start it.</summary>
internal static class AppTask
{
    /// <summary>Starts work on the pool without the context of its caller, whose trace and culture would live as long.</summary>
    public static void Run(Func<Task> work)
    {
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(work);
    }
}
