using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Diagnostics;
using EventStream.PostgreSql.Outbox;
using EventStream.PostgreSql.Schema;
using Microsoft.Extensions.Hosting;

namespace EventStream.PostgreSql.Hosting;

/// <summary>Has the app's start wait until the log can be used, or fail with what to do. Before all hosted services, of which some may publish.</summary>
internal sealed class LogStart(LogDatabase database, EventStreamHub? hub = null) : IHostedLifecycleService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var setup = new SchemaSetup(database, MigrationList.All);
        var started = database.Time.GetTimestamp();
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                await setup.RunAsync(cancellationToken);
                await database.Identity.CheckAsync(cancellationToken);
                if (hub is not null) OutboxWriter.Open(hub, database);
                return;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                var fault = Faults.Explain(exception);
                if (!fault.IsTransient || Faults.IsUnknownHost(fault) || database.Time.GetElapsedTime(started) >= database.Options.StartTimeout) throw fault;
                if (isFirst) Log.StartWaits(database.Logger, database.Options.StartTimeout, fault.Message);
                await Task.Delay(Pause, database.Time, cancellationToken);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
