using EventStream.AspNetCore.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Delivery;

/// <summary>Logs when the app has started and no endpoint has a <see cref="DirectOutput"/>.</summary>
internal sealed class DirectOutputNotice(DirectTransport transport, ILoggerFactory loggers) : IHostedLifecycleService
{
    // The server is started as the last hosted service.
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!transport.IsUsed) Log.DirectOutputUnused(loggers.CreateLogger(Log.Category));
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
