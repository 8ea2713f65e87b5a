using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Channels;

/// <summary>Stops the app at its start if the configuration has an invalid channel.</summary>
/// <remarks><c>ValidateOnStart</c> only validates options whose names code has added, and not those of the configuration.</remarks>
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
