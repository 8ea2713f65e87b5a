using EventStream.AspNetCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Channels;

/// <summary>Says at the start of the app which channels are in the memory of this process alone.</summary>
/// <remarks>
/// Not in Development, where one process is all there is. Not of a channel whose <see cref="EventStreamChannelOptions.InMemory"/> is set:
/// that is how an app says that memory is meant.
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
