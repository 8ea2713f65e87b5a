using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using EventStream.AspNetCore.Negotiation;
using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Builder;

namespace EventStream.AspNetCore;

/// <summary>
/// Lets minimal API endpoints serve a sequence as a JSON array or as an event stream, by the client's <c>Accept</c> header.
/// </summary>
public static class EventStreamNegotiationExtensions
{
    /// <summary>Lets endpoints that return an <see cref="IAsyncEnumerable{T}"/> answer with a stream or a JSON array.</summary>
    /// <remarks>
    /// <para>
    /// The client gets a stream if it prefers one. It gets a JSON array if it prefers that, or has no preference. It gets 406, before the
    /// handler runs, if it accepts neither. The handler may also return a task of the sequence. Endpoints of a group that return something
    /// else do not change.
    /// </para>
    /// <para>
    /// Payloads are JSON by the app's own options in both; text and bytes are written to a stream as they are. Messages and
    /// <c>SseItem&lt;T&gt;</c> are frames in the stream, and their payloads are the items of the array. Output caching and request timeouts
    /// apply to neither answer.
    /// </para>
    /// </remarks>
    /// <param name="builder">The endpoint or the group.</param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for these streams; null, the default, changes nothing.
    /// </param>
    /// <typeparam name="TBuilder">The type of the endpoint or the group.</typeparam>
    /// <exception cref="InvalidOperationException">
    /// At the app's start: <paramref name="builder"/> is one endpoint, and its handler returns something else.
    /// </exception>
    [RequiresUnreferencedCode(SequenceShape.UsesReflection)]
    [RequiresDynamicCode(SequenceShape.UsesReflection)]
    public static TBuilder WithEventStreamNegotiation<TBuilder>(this TBuilder builder, Action<EventStreamOptions>? configure = null)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        var isGroup = builder is not RouteHandlerBuilder;
        builder.Add(endpoint =>
        {
            // The route handler's method. Other kinds of endpoints have none, and run no filters either.
            var returned = endpoint.Metadata.OfType<MethodInfo>().LastOrDefault()?.ReturnType;
            if (returned is not null && SequenceShape.OfReturn(returned) is { } shape) AddTo(endpoint, shape, configure);
            else if (!isGroup) throw NotASequence(endpoint, returned);
        });
        return builder;
    }

    /// <summary>Lets one endpoint answer with a stream or a JSON array, without reflection, for trimming and native AOT.</summary>
    /// <param name="builder">The endpoint.</param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for these streams; null, the default, changes nothing.
    /// </param>
    /// <typeparam name="T">The type of the sequence's items: a payload, or <see cref="EventStreamMessage"/>.</typeparam>
    /// <exception cref="NotSupportedException">
    /// <typeparamref name="T"/> is an <c>SseItem&lt;T&gt;</c>, and finding its payload needs reflection.
    /// </exception>
    public static RouteHandlerBuilder WithEventStreamNegotiation<T>(
        this RouteHandlerBuilder builder, Action<EventStreamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var shape = SequenceShape.Of<T>();
        ((IEndpointConventionBuilder)builder).Add(endpoint => AddTo(endpoint, shape, configure));
        return builder;
    }

    private static InvalidOperationException NotASequence(EndpointBuilder endpoint, Type? returned) => new(
        $"{endpoint.DisplayName} returns {returned}, and only an IAsyncEnumerable<T> (or a task of one) can be negotiated. "
        + "Declare it as the handler's return type.");

    private static void AddTo(EndpointBuilder endpoint, SequenceShape shape, Action<EventStreamOptions>? configure)
    {
        var isFirst = !endpoint.Metadata.OfType<NegotiationEndpointFilter>().Any();
        endpoint.Metadata.Add(new NegotiationEndpointFilter(shape, configure));
        if (!isFirst) return;
        endpoint.FilterFactories.Add((_, next) =>
        {
            // The last filter is the endpoint's own. Its group may have added one before.
            var filter = endpoint.Metadata.OfType<NegotiationEndpointFilter>().Last();
            return context => filter.InvokeAsync(context, next);
        });
        string[] mediaTypes = [PayloadFormats.Json, EventStreamHeaders.ContentType];
        endpoint.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, shape.ArrayType, mediaTypes));
        endpoint.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status406NotAcceptable, typeof(void)));
        EventStreamEndpointMetadata.AddTo(endpoint);
    }
}
