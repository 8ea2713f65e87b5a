using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Responses;

/// <summary>Mends what can still be mended when a stream runs on an endpoint whose metadata does not say that it streams, and says so once an endpoint.</summary>
internal sealed class EndpointNotices
{
    private readonly ConditionalWeakTable<Endpoint, object> _told = [];

    public void Check(HttpContext context, ILogger logger)
    {
        var endpoint = context.GetEndpoint();
        if (EventStreamEndpointMetadata.IsOn(endpoint)) return;
        if (context.Features.Get<IHttpRequestTimeoutFeature>() is { } timeout)
        {
            timeout.DisableTimeout();
            Tell(endpoint, logger, "the request timeout");
        }

        if (context.Features.Get<IOutputCacheFeature>() is { } cache)
        {
            cache.Context.AllowCacheStorage = false;
            Tell(endpoint, logger, "output caching");
        }
    }

    private void Tell(Endpoint? endpoint, ILogger logger, string middleware)
    {
        if (endpoint is not null && _told.TryAdd(endpoint, middleware)) Log.EndpointLacksMetadata(logger, endpoint.DisplayName, middleware);
    }
}
