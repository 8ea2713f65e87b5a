using EventStream.AspNetCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Channels;

/// <summary>Logs at the app's start which channels are in memory.</summary>
/// <remarks>
/// Not in Development, where the app is one process. Not for a channel with <see cref="EventStreamChannelOptions.InMemory"/>, because then
/// the app wants it in memory.
/// </remarks>
internal sealed class MemoryNotice(
    ChannelNames channels,
    IOptionsMonitor<EventStreamChannelOptions> options,
    IServiceProviderIsService services,
    IHostEnvironment environment,
    ILoggerFactory loggers) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (environment.IsDevelopment() || services.IsService(typeof(IEventStreamLog))) return Task.CompletedTask;
        var names = channels.All.Where(name => !options.Get(name).InMemory).ToArray();
        if (names.Length > 0) Log.ChannelsInMemory(loggers.CreateLogger(Log.Category), string.Join(", ", names));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
