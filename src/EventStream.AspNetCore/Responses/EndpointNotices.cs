using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Responses;

/// <summary>Turns off middleware that would break a stream, as far as still possible, and logs it once for each endpoint.</summary>
internal sealed class EndpointNotices
{
    private readonly ConditionalWeakTable<Endpoint, string> _interfered = [];
    private readonly ConditionalWeakTable<Endpoint, string> _collected = [];

    public void Check(HttpContext context, ILogger logger)
    {
        var endpoint = context.GetEndpoint();
        if (TurnMiddlewareOff(context) is { } middleware && IsNews(_interfered, endpoint, middleware))
        {
            if (EventStreamEndpointMetadata.IsOn(endpoint)) Log.EndpointOverridesMetadata(logger, endpoint?.DisplayName, middleware);
            else Log.EndpointLacksMetadata(logger, endpoint?.DisplayName, middleware);
        }

        if (CollectedBody.In(context.Response) is { } body && IsNews(_collected, endpoint, body))
        {
            Log.BodyIsCollected(logger, endpoint?.DisplayName, body);
        }
    }

    /// <summary>Turns off the middleware that is on, and returns its name; null if none was on.</summary>
    private static string? TurnMiddlewareOff(HttpContext context) => (TurnTimeoutOff(context), TurnStorageOff(context)) switch
    {
        (true, true) => "the request timeout and output caching",
        (true, false) => "the request timeout",
        (false, true) => "output caching",
        _ => null,
    };

    private static bool TurnTimeoutOff(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestTimeoutFeature>() is not { } timeout) return false;
        timeout.DisableTimeout();
        return true;
    }

    // The next client still waits for this stream, because the middleware took its lock before it called the handler.
    private static bool TurnStorageOff(HttpContext context)
    {
        var caching = context.Features.Get<IOutputCacheFeature>()?.Context;
        if (caching is not { EnableOutputCaching: true, AllowCacheStorage: true } cache) return false;
        cache.AllowCacheStorage = false;
        return true;
    }

    private static bool IsNews(ConditionalWeakTable<Endpoint, string> told, Endpoint? endpoint, string what) =>
        endpoint is not null && told.TryAdd(endpoint, what);
}
