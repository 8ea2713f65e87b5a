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
        // On PostgreSQL it would miss nothing: the log has all of them.
        services.AddEventStreams().AddChannel("prices-brief", channel =>
            (channel.Capacity, channel.InMemory) = (24, true));

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
        Watch(string? tab, HttpContext context, EventStreamHub hub, Cuts cuts)
    {
        var prices = TypedResults.EventStream(hub.GetChannel("prices"));
        if (tab is null) return prices;

        // An error status would end a browser's EventSource for good.
        if (cuts.Remaining(tab) is { } time)
            return TypedResults.EventStreamRetryLater(time);

        cuts.Add(tab, context);
        return prices;
    }

    private static EventStreamResult WatchSlowly(
        HttpContext context, EventStreamHub hub, Pace pace)
    {
        SlowLine.Put(context, pace);
        return TypedResults.EventStream(hub.GetChannel("prices-brief"));
    }

    private static Results<NoContent, NotFound> Cut(string tab, Cuts cuts) =>
        cuts.TryCut(tab) ? TypedResults.NoContent() : TypedResults.NotFound();
}
