using Showcase.Census;

namespace Showcase.Demos;

internal static class ChannelList
{
    // A slow page gets the newest count and none that it missed:
    // each message replaces the previous one with the same key.
    public static void AddChannelList(this IServiceCollection services)
    {
        services.AddEventStreams().AddChannel("channel-stats", channel =>
            (channel.LatestByKey, channel.InMemory) = (true, true));
        services.AddHostedService<ChannelCensus>();
    }

    public static void MapChannelList(this IEndpointRouteBuilder app) =>
        app.MapEventStream("/channels", "channel-stats");
}
