using Microsoft.Extensions.Hosting;

namespace EventStream.AspNetCore.Logs;

/// <summary>Starts and stops the node's part of the log with the host.</summary>
internal sealed class LogService(EventStreamHub hub) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        hub.Node!.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => hub.Node!.StopAsync(cancellationToken);
}
