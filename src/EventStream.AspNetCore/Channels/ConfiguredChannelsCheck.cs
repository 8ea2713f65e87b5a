using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Channels;

/// <summary>Stops the app's start where the configuration has a channel that cannot be.</summary>
/// <remarks>Options are validated at the start by their names, and these names are in the configuration.</remarks>
internal sealed class ConfiguredChannelsCheck(ChannelNames channels, IOptionsMonitor<EventStreamChannelOptions> options) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var name in channels.All)
        {
            ChannelPattern.Check(name);
            options.Get(name);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
