using Microsoft.AspNetCore.Http.HttpResults;
using Showcase.Trading;

namespace Showcase.Demos;

internal static class LivePrices
{
    public static void AddLivePrices(this IServiceCollection services)
    {
        // A thousand messages are two minutes. Who is away for less
        // resumes with all of them; a new tab begins with the last 240.
        services.AddEventStreams().AddChannel("prices", channel =>
            channel.Start = EventStreamStart.Last(240));

        // The same prices, but three seconds of them, for the slow reader.
        services.AddEventStreams().AddChannel("prices-brief", channel =>
            channel.Capacity = 24);

        services.AddHostedService<Market>();
        services.AddSingleton<Cuts>();
    }

    public static void MapLivePrices(this IEndpointRouteBuilder app)
    {
        app.MapGet("/prices", Watch);
        app.MapGet("/prices/slow", WatchSlowly);
        app.MapPost("/prices/cut", Cut);
    }

    private static Results<EventStreamResult, EventStreamRetryLaterResult>
        Watch(
            HttpContext context, EventStreamHub hub, Cuts cuts, string tab = "")
    {
        // An error status would end a browser's EventSource for good.
        if (cuts.Remaining(tab) is { } time)
            return TypedResults.EventStreamRetryLater(time);

        if (tab != "") cuts.Add(tab, context);
        return TypedResults.EventStream(hub.Channel("prices"));
    }

    private static EventStreamResult WatchSlowly(
        HttpContext context, EventStreamHub hub, Pace pace)
    {
        SlowLine.Put(context, pace);
        return TypedResults.EventStream(hub.Channel("prices-brief"));
    }

    private static Results<NoContent, NotFound> Cut(string tab, Cuts cuts) =>
        cuts.TryCut(tab) ? TypedResults.NoContent() : TypedResults.NotFound();
}
