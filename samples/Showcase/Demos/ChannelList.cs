using Showcase.Census;

namespace Showcase.Demos;

internal static class ChannelList
{
    // A reader that is late gets the newest count, not those it has missed:
    // each message replaces the one before it that has the same key.
    public static void AddChannelList(this IServiceCollection services)
    {
        services.AddEventStreams().AddChannel("channel-stats", channel =>
            (channel.LatestByKey, channel.InMemory) = (true, true));
        services.AddHostedService<ChannelCensus>();
    }

    public static void MapChannelList(this IEndpointRouteBuilder app) =>
        app.MapEventStream("/channels", "channel-stats");
}
