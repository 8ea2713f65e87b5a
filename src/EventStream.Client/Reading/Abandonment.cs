namespace EventStream.Client.Reading;

/// <summary>Leaves work for which the reading does not wait.</summary>
internal static class Abandonment
{
    /// <summary>Lets the task run on, and observes its exception.</summary>
    /// <remarks>Without that, the exception would reach <see cref="TaskScheduler.UnobservedTaskException"/>.</remarks>
    public static void Abandon(this Task task) => _ = task.ContinueWith(
        static done => done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
