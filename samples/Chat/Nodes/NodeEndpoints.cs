using System.Diagnostics;

namespace Chat.Nodes;

internal static class NodeEndpoints
{
    /// <summary>Says in each response which node sent it, so that the page can show through which node it reads.</summary>
    public static void UseNodeHeader(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Response.Headers["X-Node"] = context.RequestServices.GetRequiredService<Node>().Name;
        return next(context);
    });

    /// <summary>Ends the process as kill -9 does: no farewell, no clean end.</summary>
    public static void MapKill(this IEndpointRouteBuilder app) => app.MapPost("/kill", () => Process.GetCurrentProcess().Kill());
}
