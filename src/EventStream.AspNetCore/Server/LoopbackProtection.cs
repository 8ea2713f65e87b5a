using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Server;

/// <summary>Refuses requests that a page of another site may have sent to this server on loopback.</summary>
/// <remarks>
/// A startup filter, because it comes before all that the app adds to its pipeline, and before the authentication that
/// <c>WebApplication</c> adds by itself. Startup filters that were registered earlier come before it. The framework's host filtering
/// knows names alone, and looks at no <c>Origin</c>.
/// </remarks>
internal sealed class LoopbackProtection(IOptions<AllowedOrigins> allowed) : IStartupFilter
{
    private const string OtherHost =
        "The Host of this request is not localhost, an address such as 127.0.0.1, or [::1]. This server is for its own machine: "
        + "ask it as localhost. If it has another name on purpose, remove UseLoopbackProtection from the app.";

    private const string OtherOrigin =
        "The Origin of this request is not that of a page on localhost. This server is for its own machine. "
        + "If the page may use it, add its origin to UseLoopbackProtection in the app. The origin null cannot be added.";

    private readonly AllowedOrigins _allowed = allowed.Value;

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(pipeline => context => Objection(context.Request) is { } reason
            ? ReasonedAnswer.WriteAsync(context, StatusCodes.Status403Forbidden, reason)
            : pipeline(context));
        next(app);
    };

    private string? Objection(HttpRequest request)
    {
        if (!LoopbackHost.Is(request.Host.Host)) return OtherHost;
        var origins = request.Headers.Origin;
        if (origins.Count == 0) return null;
        return origins.Count == 1 && origins[0] is { } origin && (Origin.IsLoopback(origin) || _allowed.Contains(origin))
            ? null
            : OtherOrigin;
    }
}
