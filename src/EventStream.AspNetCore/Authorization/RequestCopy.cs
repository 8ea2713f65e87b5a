using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace EventStream.AspNetCore.Authorization;

/// <summary>Copies a request's context, for code of the app that runs beside the request's stream.</summary>
/// <remarks>
/// <para>
/// The stream's source may use the request at the same time, and its services are not made for two threads. So the code gets services,
/// items, user and token of its own, and what it writes into the response is discarded. The parts of the request that policies read are
/// copied. The server reuses its objects for the connection's next request, and the code may run on until then.
/// </para>
/// <para>All other features are those of the request itself, so that features that the app has added can be read.</para>
/// </remarks>
internal static class RequestCopy
{
    /// <summary>Copies a request that has not ended.</summary>
    /// <param name="request">The request.</param>
    /// <param name="user">The user of the copy; null for the request's.</param>
    /// <param name="services">The services of the copy.</param>
    /// <param name="stop">The copy's <see cref="HttpContext.RequestAborted"/>.</param>
    public static HttpContext Of(HttpContext request, ClaimsPrincipal? user, IServiceProvider services, CancellationToken stop)
    {
        var given = request.Features;
        user ??= given.Get<IHttpAuthenticationFeature>()?.User;
        FeatureCollection features = new(given);
        features.Set<IHttpRequestFeature>(CopyOf(given.GetRequiredFeature<IHttpRequestFeature>()));
        features.Set<IQueryFeature>(new QueryFeature(features));
        features.Set<IRequestCookiesFeature>(new RequestCookiesFeature(features));
        var endpoint = given.Get<IEndpointFeature>()?.Endpoint;
        features.Set<IEndpointFeature>(new OwnEndpoint { Endpoint = endpoint });
        features.Set<IRouteValuesFeature>(new RouteValuesFeature { RouteValues = RouteValuesOf(given, endpoint) });
        features.Set<IHttpAuthenticationFeature>(new HttpAuthenticationFeature { User = user });
        features.Set<IServiceProvidersFeature>(new ServiceProvidersFeature { RequestServices = services });
        features.Set<IItemsFeature>(new ItemsFeature());
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = stop });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        DefaultHttpContext copy = new(features);
        features.Set<IRequestBodyPipeFeature>(new RequestBodyPipeFeature(copy));
        return copy;
    }

    private static HttpRequestFeature CopyOf(IHttpRequestFeature request)
    {
        HttpRequestFeature copy = new()
        {
            Protocol = request.Protocol,
            Scheme = request.Scheme,
            Method = request.Method,
            PathBase = request.PathBase,
            Path = request.Path,
            QueryString = request.QueryString,
            RawTarget = request.RawTarget,
        };

        // Without an enumerator, because Kestrel keeps it with the request: 128 bytes for as long as the stream.
        var headers = new KeyValuePair<string, StringValues>[request.Headers.Count];
        request.Headers.CopyTo(headers, 0);
        foreach (var (name, value) in headers) copy.Headers[name] = value;
        return copy;
    }

    // Not read if a route has none, because Kestrel would then keep an empty dictionary with the request: 40 bytes.
    private static RouteValueDictionary RouteValuesOf(IFeatureCollection given, Endpoint? endpoint) =>
        endpoint is RouteEndpoint { RoutePattern: { Parameters.Count: 0, Defaults.Count: 0 } }
            ? []
            : new(given.Get<IRouteValuesFeature>()?.RouteValues);

    private sealed class OwnEndpoint : IEndpointFeature
    {
        public Endpoint? Endpoint { get; set; }
    }
}
