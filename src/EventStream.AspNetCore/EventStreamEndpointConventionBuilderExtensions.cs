using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Builder;

namespace EventStream.AspNetCore;

/// <summary>Conventions for endpoints, and groups of endpoints, that return event streams.</summary>
public static class EventStreamEndpointConventionBuilderExtensions
{
    /// <summary>
    /// Tells the pipeline that these endpoints stream: no output caching, no request timeout, no redirect to a login page.
    /// </summary>
    /// <remarks>
    /// An endpoint whose handler returns <see cref="EventStreamResult"/> needs no call. Call it if the return type hides that: <c>found ?
    /// Results.NotFound() : Results.EventStream(…)</c> is an <see cref="IResult"/>.
    /// </remarks>
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
