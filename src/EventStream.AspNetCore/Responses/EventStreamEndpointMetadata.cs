using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.OutputCaching;

namespace EventStream.AspNetCore.Responses;

/// <summary>Endpoint metadata that turns off output caching, request timeouts and redirects to a login page for streams.</summary>
/// <remarks>
/// Output caching would store the stream despite <c>no-store</c>, and make the second client wait for the first. It takes its lock before
/// the handler runs, so only endpoint metadata can turn it off in time.
/// </remarks>
internal sealed class EventStreamEndpointMetadata : IOutputCachePolicy, IDisableCookieRedirectMetadata
{
    private static readonly EventStreamEndpointMetadata Instance = new();
    private static readonly DisableRequestTimeoutAttribute NoTimeout = new();

    private EventStreamEndpointMetadata()
    {
    }

    /// <summary>Adds the metadata, and the documented type of the response if it is not null.</summary>
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

    /// <summary>Adds the metadata to a list that becomes an endpoint's metadata.</summary>
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
