using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using EventStream.AspNetCore.Negotiation;
using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Builder;

namespace EventStream.AspNetCore;

/// <summary>Lets a minimal API's endpoints serve one sequence as a JSON array or as an event stream, as the client asks.</summary>
public static class EventStreamNegotiationExtensions
{
    /// <summary>
    /// Lets an endpoint, or those of a group, whose handler returns an <see cref="IAsyncEnumerable{T}"/> (also in a task) answer with a
    /// stream where the client prefers one, with a JSON array where it prefers that or has no preference, and with 406 where it accepts
    /// neither.
    /// </summary>
    /// <remarks>
    /// Payloads are JSON by the app's own options in both; text and bytes are written to a stream as they are. Messages and
    /// <c>SseItem&lt;T&gt;</c> are frames in the stream, and their payloads are the items of the array. A 406 is given before the handler
    /// runs. Endpoints of a group that return something else are left alone. Neither answer is cached by output caching or ended by request
    /// timeouts.
    /// </remarks>
    /// <param name="builder">The endpoint or the group.</param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for these streams; null, the default, changes nothing.
    /// </param>
    /// <typeparam name="TBuilder">The type of the endpoint or the group.</typeparam>
    /// <exception cref="InvalidOperationException">When the app starts: the one endpoint's handler returns something else.</exception>
    [RequiresUnreferencedCode(SequenceShape.UsesReflection)]
    [RequiresDynamicCode(SequenceShape.UsesReflection)]
    public static TBuilder WithEventStreamNegotiation<TBuilder>(this TBuilder builder, Action<EventStreamOptions>? configure = null)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        var isGroup = builder is not RouteHandlerBuilder;
        builder.Add(endpoint =>
        {
            // A route handler's method; an endpoint of another kind has none, and no filters either.
            var returned = endpoint.Metadata.OfType<MethodInfo>().LastOrDefault()?.ReturnType;
            if (returned is not null && SequenceShape.OfReturn(returned) is { } shape) AddTo(endpoint, shape, configure);
            else if (!isGroup) throw new InvalidOperationException($"{endpoint.DisplayName} returns {returned}, and only an IAsyncEnumerable<T> (or a task of one) can be negotiated. Declare it as the handler's return type.");
        });
        return builder;
    }

    /// <summary>The same for one endpoint and without reflection, for an app that is trimmed or compiled ahead of time.</summary>
    /// <param name="builder">The endpoint.</param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for these streams; null, the default, changes nothing.
    /// </param>
    /// <typeparam name="T">The type of the sequence's items: a payload, or <see cref="EventStreamMessage"/>.</typeparam>
    /// <exception cref="NotSupportedException">
    /// <typeparamref name="T"/> is an <c>SseItem&lt;T&gt;</c>, whose payload takes reflection to find.
    /// </exception>
    public static RouteHandlerBuilder WithEventStreamNegotiation<T>(this RouteHandlerBuilder builder, Action<EventStreamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var shape = SequenceShape.Of<T>();
        ((IEndpointConventionBuilder)builder).Add(endpoint => AddTo(endpoint, shape, configure));
        return builder;
    }

    private static void AddTo(EndpointBuilder endpoint, SequenceShape shape, Action<EventStreamOptions>? configure)
    {
        var isFirst = !endpoint.Metadata.OfType<NegotiationEndpointFilter>().Any();
        endpoint.Metadata.Add(new NegotiationEndpointFilter(shape, configure));
        if (!isFirst) return;
        endpoint.FilterFactories.Add((_, next) =>
        {
            // The last one is the endpoint's own, if its group has one as well.
            var filter = endpoint.Metadata.OfType<NegotiationEndpointFilter>().Last();
            return context => filter.InvokeAsync(context, next);
        });
        endpoint.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, shape.ArrayType, [PayloadFormats.Json, EventStreamHeaders.ContentType]));
        endpoint.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status406NotAcceptable, typeof(void)));
        EventStreamEndpointMetadata.AddTo(endpoint);
    }
}
