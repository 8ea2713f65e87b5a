namespace EventStream.Testing.Timing;

/// <summary>What can be seen of the work that goes on in a process.</summary>
/// <param name="Completed">How many work items the thread pool has carried out.</param>
/// <param name="Pending">How many wait for a thread of it.</param>
/// <param name="Busy">How many of its threads are at work.</param>
/// <param name="Stirs">How often work has shown itself at the clock.</param>
internal readonly record struct Activity(long Completed, long Pending, int Busy, long Stirs)
{
    public static Activity Of(FakeTime time)
    {
        ThreadPool.GetMaxThreads(out var most, out _);
        ThreadPool.GetAvailableThreads(out var available, out _);
        return new(ThreadPool.CompletedWorkItemCount, ThreadPool.PendingWorkItemCount, most - available, time.Stirs);
    }
}
