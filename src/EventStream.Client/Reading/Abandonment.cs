namespace EventStream.Client.Reading;

/// <summary>Work for which the reading does not wait.</summary>
internal static class Abandonment
{
    /// <summary>Lets the task run on.</summary>
    /// <remarks>What it throws is observed, so that it does not reach <see cref="TaskScheduler.UnobservedTaskException"/>.</remarks>
    public static void Abandon(this Task task) => _ = task.ContinueWith(
        static done => done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
