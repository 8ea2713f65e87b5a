using Microsoft.AspNetCore.Http.HttpResults;
using Showcase.Trading;

namespace Showcase.Demos;

internal static class DeadConnection
{
    public static void AddDeadConnection(this IServiceCollection services) =>
        services.AddSingleton<DeadLines>();

    public static void MapDeadConnection(this IEndpointRouteBuilder app)
    {
        app.MapGet("/dead-connection", Watch);
        app.MapPost("/dead-connection", Kill);
    }

    private static EventStreamResult Watch(
        string tab,
        HttpContext context,
        EventStreamHub hub,
        DeadLines lines,
        Pace pace)
    {
        lines.Put(tab, context);

        // The response says so in EventStream-Keep-Alive: the module
        // gives up a connection that is silent for three intervals.
        return TypedResults.EventStream(hub.GetChannel("prices"),
            configure: options => options.KeepAliveInterval = 2 * pace.Beat);
    }

    private static NoContent Kill(string tab, DeadLines lines)
    {
        lines.Kill(tab);
        return TypedResults.NoContent();
    }
}
