namespace EventStream.Testing.Timing;

/// <summary>The visible work of a process.</summary>
/// <param name="Completed">How many work items the thread pool has completed.</param>
/// <param name="Pending">How many work items wait for a thread of the pool.</param>
/// <param name="Busy">How many threads of the pool are at work.</param>
/// <param name="Stirs">How many signs of work the clock has recorded.</param>
internal readonly record struct Activity(long Completed, long Pending, int Busy, long Stirs)
{
    public static Activity Of(FakeTime time)
    {
        ThreadPool.GetMaxThreads(out var most, out _);
        ThreadPool.GetAvailableThreads(out var available, out _);
        return new(ThreadPool.CompletedWorkItemCount, ThreadPool.PendingWorkItemCount, most - available, time.Stirs);
    }
}
