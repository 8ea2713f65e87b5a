using System.Runtime.InteropServices;
using EventStream.AspNetCore.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace EventStream.AspNetCore.Responses;

/// <summary>Keeps the server open while streams drain.</summary>
/// <remarks>
/// The host calls <see cref="StoppingAsync"/> before it stops the server. So ordinary requests are served during the drain, and requests
/// for new streams are rejected softly, until <see cref="HostDrain.Over"/>. A second signal ends the drain at once. The host itself ignores
/// it.
/// </remarks>
internal sealed class DrainService(IServiceProvider services, IHostApplicationLifetime lifetime) : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var host = StreamHost.Of(services);
        var drain = host.Drain;
        if (drain.Streams is var streams && streams == 0) return;

        // Host.StopAsync, called by code, would cancel ApplicationStopping only after this method. Streams and readiness wait for it.
        lifetime.StopApplication();
        using var limit = cancellationToken.UnsafeRegister(static drain => ((HostDrain)drain!).End(), drain);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => drain.End());
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => drain.End());
        var began = host.Time.GetTimestamp();
        Log.DrainBegan(host.Logger, streams, drain.Longest);
        await Task.Delay(Timeout.Infinite, drain.Over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Log.DrainEnded(host.Logger, host.Time.GetElapsedTime(began), drain.Streams);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
