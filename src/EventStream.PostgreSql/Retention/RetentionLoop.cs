using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Hosting;
using Microsoft.Extensions.Hosting;

namespace EventStream.PostgreSql.Retention;

/// <summary>Deletes what is not to be kept, now and then; spread out, so that the nodes of an app do not all come at once.</summary>
internal sealed class RetentionLoop(LogDatabase database) : BackgroundService
{
    private readonly RetentionSweep _sweep = new(database);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Abandonment.RunAsync(LogWork.Retention, LoopAsync, database, stoppingToken);

    private async Task LoopAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(database.Options.RetentionInterval * (1 + (Random.Shared.NextDouble() / 2)), database.Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested) return;
            try
            {
                await _sweep.RunAsync(stoppingToken);
            }
            catch (Exception exception)
            {
                // Noted, and logged once, where it happened. The next sweep takes up what this one has left.
                if (exception is not (EventStreamLogException or OperationCanceledException)) database.Failed(LogWork.Retention, exception);
            }
        }
    }
}
