using Microsoft.Extensions.Hosting;

namespace EventStream.AspNetCore.Logs;

/// <summary>Follows the log from the start of the host to its stop.</summary>
internal sealed class LogService(EventStreamHub hub) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        hub.Node!.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => hub.Node!.StopAsync(cancellationToken);
}
