using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.OutputCaching;

namespace EventStream.AspNetCore.Responses;

/// <summary>
/// Tells the pipeline that an endpoint streams: nothing of it is cached, timed out, or answered by a redirect to a login page.
/// </summary>
/// <remarks>
/// Output caching would store the stream despite <c>no-store</c>, and let the second client wait for the first; only endpoint metadata is
/// early enough.
/// </remarks>
internal sealed class EventStreamEndpointMetadata : IOutputCachePolicy, IDisableCookieRedirectMetadata
{
    private static readonly EventStreamEndpointMetadata Instance = new();
    private static readonly DisableRequestTimeoutAttribute NoTimeout = new();

    private EventStreamEndpointMetadata()
    {
    }

    /// <summary>Adds the metadata, and the documented type of the response if the endpoint's own is known.</summary>
    public static void AddTo(EndpointBuilder builder, Type? documentedType = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (documentedType is not null)
        {
            string[] contentTypes = [EventStreamHeaders.ContentType];
            builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, documentedType, contentTypes));
        }

        AddTo(builder.Metadata);
    }

    /// <summary>Adds the metadata to what will be an endpoint's.</summary>
    public static void AddTo(IList<object> metadata)
    {
        if (IsOn(metadata)) return;
        metadata.Add(NoTimeout);
        metadata.Add(Instance);
    }

    public static bool IsOn(Endpoint? endpoint) => endpoint is not null && IsOn(endpoint.Metadata);

    ValueTask IOutputCachePolicy.CacheRequestAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        context.EnableOutputCaching = false;
        return ValueTask.CompletedTask;
    }

    ValueTask IOutputCachePolicy.ServeFromCacheAsync(OutputCacheContext context, CancellationToken cancellation) => ValueTask.CompletedTask;

    ValueTask IOutputCachePolicy.ServeResponseAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        context.AllowCacheStorage = false;
        return ValueTask.CompletedTask;
    }

    private static bool IsOn(IEnumerable<object> metadata) => metadata.Contains(Instance);
}
