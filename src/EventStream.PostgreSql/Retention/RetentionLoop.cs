using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Hosting;
using Microsoft.Extensions.Hosting;

namespace EventStream.PostgreSql.Retention;

/// <summary>Deletes messages beyond the retention, once an interval.</summary>
/// <remarks>A random part of the interval keeps the nodes of an app from starting at the same moment.</remarks>
internal sealed class RetentionLoop(LogDatabase database) : BackgroundService
{
    private readonly RetentionSweep _sweep = new(database);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Abandonment.RunAsync(LogWork.Retention, LoopAsync, database, stoppingToken);

    private async Task LoopAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var interval = database.Options.RetentionInterval * (1 + (Random.Shared.NextDouble() / 2));
            await Task.Delay(interval, database.Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested) return;
            try
            {
                await _sweep.RunAsync(stoppingToken);
            }
            catch (Exception exception)
            {
                // Already recorded, and logged once, where it was thrown. The next sweep continues where this one stopped.
                if (exception is not (EventStreamLogException or OperationCanceledException)) database.Failed(LogWork.Retention, exception);
            }
        }
    }
}
