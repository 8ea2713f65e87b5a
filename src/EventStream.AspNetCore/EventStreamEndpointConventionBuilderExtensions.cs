using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Builder;

namespace EventStream.AspNetCore;

/// <summary>Conventions for endpoints, and groups of endpoints, that return event streams.</summary>
public static class EventStreamEndpointConventionBuilderExtensions
{
    /// <summary>
    /// Tells the pipeline that these endpoints stream: no output caching, no request timeout, no redirect to a login page. An endpoint
    /// whose handler has <see cref="EventStreamResult"/> as its return type says so by itself; call this where the type hides it
    /// (<c>found ? Results.NotFound() : Results.EventStream(…)</c> is an <see cref="IResult"/>).
    /// </summary>
    /// <param name="builder">The endpoint or the group.</param>
    /// <typeparam name="TBuilder">The type of the endpoint or the group.</typeparam>
    public static TBuilder WithEventStreamDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Add(static endpoint => EventStreamEndpointMetadata.AddTo(endpoint));
        return builder;
    }
}
