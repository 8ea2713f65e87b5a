using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Configuration;

/// <summary>
/// The configuration that was given to <c>AddEventStreams</c>: the options of streams and of channels, and which channels there are.
/// </summary>
/// <remarks>It is read when the options are first used, at the app's start, because a host adds configuration until it is built.</remarks>
/// <param name="configuration">The configuration.</param>
internal sealed class StreamConfiguration(IConfiguration configuration)
    : IConfigureOptions<EventStreamOptions>, IConfigureNamedOptions<EventStreamChannelOptions>
{
    private const string Channels = "Channels";

    // Changed while services are added, on one thread.
    private readonly List<string> _used = [Channels];

    /// <summary>The names and patterns of the channels in it.</summary>
    public IEnumerable<string> ChannelNames => configuration.GetSection(Channels).GetChildren().Select(channel => channel.Key);

    /// <summary>A section that belongs to another part of the app, such as a log's package.</summary>
    public IConfigurationSection Use(string key)
    {
        _used.Add(key);
        return configuration.GetSection(key);
    }

    public void Configure(EventStreamOptions options) => StreamSettings.Table.Bind(configuration, options, others: _used);

    public void Configure(string? name, EventStreamChannelOptions options)
    {
        if (string.IsNullOrEmpty(name)) return;
        ChannelSettings.Table.Bind(configuration.GetSection(Channels).GetSection(name), options, name);
    }

    public void Configure(EventStreamChannelOptions options)
    {
        // The options without a name are those of no channel.
    }
}
