using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Diagnostics;

namespace EventStream.PostgreSql.Hosting;

/// <summary>Runs a loop over the database, and limits how long the host's stop waits for it.</summary>
internal static class Abandonment
{
    /// <summary>How long the loop may take to finish its current work after the stop.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Runs a loop until the app stops.</summary>
    /// <param name="work">The kind of work.</param>
    /// <param name="loop">The loop.</param>
    /// <param name="database">The database.</param>
    /// <param name="stopping">Cancelled when the app stops.</param>
    public static async Task RunAsync(LogWork work, Func<CancellationToken, Task> loop, LogDatabase database, CancellationToken stopping)
    {
        // Cancelled on another thread, because Npgsql opens a second connection to cancel, and blocks meanwhile.
        var cancellation = new CancellationTokenSource();
        await using var registration = stopping.UnsafeRegister(
            static source => ((CancellationTokenSource)source!).CancelAsync(), cancellation);
        var running = loop(cancellation.Token);
        await running.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await running.WaitAsync(StopTimeout, database.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (running.IsCompleted) await running;
        else Log.LoopAbandoned(database.Logger, work, StopTimeout);
    }
}
