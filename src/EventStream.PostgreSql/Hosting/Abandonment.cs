using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Diagnostics;

namespace EventStream.PostgreSql.Hosting;

/// <summary>A loop over the database, for which the host's stop does not wait longer than a moment.</summary>
internal static class Abandonment
{
    /// <summary>How long the loop has to end what is under way in order.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    /// <summary>Runs a loop until the app stops.</summary>
    /// <param name="work">What it does.</param>
    /// <param name="loop">The loop.</param>
    /// <param name="database">The database.</param>
    /// <param name="stopping">Cancelled when the app stops.</param>
    public static async Task RunAsync(LogWork work, Func<CancellationToken, Task> loop, LogDatabase database, CancellationToken stopping)
    {
        // Cancelled on another thread: Npgsql connects once more to cancel, and blocks for as long as that takes.
        var cancellation = new CancellationTokenSource();
        await using var registration = stopping.UnsafeRegister(static source => ((CancellationTokenSource)source!).CancelAsync(), cancellation);
        var running = loop(cancellation.Token);
        await running.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await running.WaitAsync(Moment, database.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (running.IsCompleted) await running;
        else Log.LoopAbandoned(database.Logger, work, Moment);
    }
}
