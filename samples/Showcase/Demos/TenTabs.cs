using Showcase.Census;

namespace Showcase.Demos;

internal static class TenTabs
{
    // Each tab's stream reads this channel beside the prices, and so
    // the subscribers of this channel are the connections of the tabs.
    public static void AddTenTabs(this IServiceCollection services)
    {
        services.AddEventStreams().AddChannel("connections", channel =>
            (channel.LatestByKey, channel.InMemory) = (true, true));
        services.AddHostedService<ConnectionCount>();
    }

    public static void MapTenTabs(this IEndpointRouteBuilder app) =>
        app.MapEventStream("/ten-tabs", _ =>
            new EventStreamSubscription("prices", "connections")
            {
                Start = EventStreamStart.Last(1),
            });
}
