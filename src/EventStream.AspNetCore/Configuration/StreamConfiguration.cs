using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Configuration;

/// <summary>The configuration of <c>AddEventStreams</c>: the channels, the limits, and the options of channels and streams.</summary>
/// <remarks>
/// It is read when the options are first used, at the app's start, because an app adds configuration until the host is built.
/// </remarks>
/// <param name="configuration">The configuration.</param>
internal sealed class StreamConfiguration(IConfiguration configuration)
    : IConfigureOptions<EventStreamOptions>,
        IConfigureOptions<EventStreamLimitOptions>,
        IConfigureNamedOptions<EventStreamChannelOptions>
{
    private const string Channels = "Channels";
    private const string Limits = "Limits";

    // Changed while services are added, on one thread.
    private readonly List<string> _used = [Channels, Limits];

    /// <summary>The names and patterns of the configured channels.</summary>
    public IEnumerable<string> ChannelNames => configuration.GetSection(Channels).GetChildren().Select(channel => channel.Key);

    /// <summary>Gets a section for another part of the app, such as a log's package, and excludes it from the options.</summary>
    public IConfigurationSection Use(string key)
    {
        _used.Add(key);
        return configuration.GetSection(key);
    }

    public void Configure(EventStreamOptions options) => StreamSettings.Table.Bind(configuration, options, others: _used);

    public void Configure(EventStreamLimitOptions options) => LimitSettings.Table.Bind(configuration.GetSection(Limits), options);

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
