using System.Diagnostics;

namespace ScaleOut.Nodes;

internal static class NodeEndpoints
{
    public static void MapNode(this IEndpointRouteBuilder app)
    {
        app.MapEventStream("/stream", Subscribe);

        // The stream ends every few seconds, and the browser reconnects to the next node by itself, with its position.
        app.MapEventStream("/stream/hopping", Subscribe, (_, options) => options.MaxLifetime = TimeSpan.FromSeconds(3));

        // As kill -9: no farewell, no clean end.
        app.MapPost("/kill", () => Process.GetCurrentProcess().Kill());
    }

    private static EventStreamSubscription Subscribe(HttpContext context)
    {
        // Which node answers is a header, and a page can read no header of an EventSource's answer but this one.
        context.Response.Cookies.Append("node", context.RequestServices.GetRequiredService<Node>().Name);
        return new("numbers", "orders", "nodes");
    }
}
