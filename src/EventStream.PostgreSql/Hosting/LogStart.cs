using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Schema;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace EventStream.PostgreSql.Hosting;

/// <summary>Makes the app's start wait until the log is available, or fail with an error that says what to do.</summary>
/// <remarks>It runs before all hosted services start, because some of them may publish.</remarks>
internal sealed class LogStart(LogDatabase database) : IHostedLifecycleService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private readonly SchemaSetup _setup = new(database, MigrationList.All);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var watch = new StartWatch(database);
        while (!await TryAsync(watch, cancellationToken)) await Task.Delay(Pause, database.Time, cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<bool> TryAsync(StartWatch watch, CancellationToken cancellationToken)
    {
        var attempt = await watch.RunAsync(PrepareAsync, cancellationToken);
        try
        {
            await attempt;
            return true;
        }
        catch (Exception exception)
        {
            var failure = Faults.Explain(exception);
            if (!failure.IsTransient || Faults.IsUnknownHost(failure)) throw failure;
            watch.Failed(failure);
            return false;
        }
    }

    private async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await _setup.RunAsync(connection, cancellationToken);
        await database.Identity.CheckAsync(connection, cancellationToken);
    }
}
