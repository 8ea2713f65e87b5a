using System.Diagnostics.CodeAnalysis;
using System.Net.ServerSentEvents;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore;

/// <summary>Endpoints that stream channels.</summary>
public static class EventStreamEndpointRouteBuilderExtensions
{
    /// <summary>Maps GET (and HEAD) requests to the event stream of a channel.</summary>
    /// <remarks>
    /// An endpoint of a pattern serves the channels of that pattern. A channel that was added by name, or that belongs to another pattern,
    /// may have a guard of its own, and is 404 here. A HEAD request makes no channel.
    /// </remarks>
    /// <param name="endpoints">The app, or a group.</param>
    /// <param name="pattern">The route pattern.</param>
    /// <param name="channel">
    /// The channel's name; a word in braces stands for the route value of that name: <c>MapEventStream("/orders/{id}", "orders/{id}")</c>.
    /// </param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for these streams alone; null, the default, changes nothing. It is called once,
    /// here.
    /// </param>
    /// <exception cref="InvalidOperationException"><c>AddEventStreams</c> was not called.</exception>
    /// <exception cref="ArgumentException">The name is none that a channel can have.</exception>
    /// <exception cref="OptionsValidationException"><paramref name="configure"/> sets an option that is out of range.</exception>
    public static RouteHandlerBuilder MapEventStream(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        string channel,
        Action<EventStreamOptions>? configure = null) =>
        MapChannel(endpoints, pattern, channel, configure, typeof(SseItem<string>));

    /// <summary>Maps GET (and HEAD) requests to the event stream of a channel whose messages are documented.</summary>
    /// <inheritdoc cref="MapEventStream(IEndpointRouteBuilder, string, string, Action{EventStreamOptions}?)"/>
    /// <typeparam name="T">The type of the messages' data, for API documents alone: they have <see cref="SseItem{T}"/> of it.</typeparam>
    public static RouteHandlerBuilder MapEventStream<T>(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        string channel,
        Action<EventStreamOptions>? configure = null) =>
        MapChannel(endpoints, pattern, channel, configure, typeof(SseItem<T>));

    /// <summary>Maps GET (and HEAD) requests to the event stream of the channels that a request subscribes to.</summary>
    /// <remarks>
    /// Where the channels have to be looked up, map a handler that returns <c>TypedResults.EventStream(subscription)</c>. It may await.
    /// </remarks>
    /// <param name="endpoints">The app, or a group.</param>
    /// <param name="pattern">The route pattern.</param>
    /// <param name="subscribe">
    /// From the request to its subscription; a name converts to one. It may name any channel, so check names that come from the client.
    /// A subscription that no connection can follow gets 400 with the reason. What it throws is an ordinary error of the request.
    /// </param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for the stream of a request; null, the default, changes nothing. It is called for
    /// each request, after <paramref name="subscribe"/>. An option that is out of range is an error of that request, before a byte is sent.
    /// </param>
    /// <exception cref="InvalidOperationException"><c>AddEventStreams</c> was not called.</exception>
    public static RouteHandlerBuilder MapEventStream(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        Func<HttpContext, EventStreamSubscription> subscribe,
        Action<HttpContext, EventStreamOptions>? configure = null) =>
        MapSubscription(endpoints, pattern, subscribe, configure, typeof(SseItem<string>));

    /// <summary>Maps GET (and HEAD) requests to the event stream of a request's channels, whose messages are documented.</summary>
    /// <inheritdoc cref="MapEventStream(IEndpointRouteBuilder, string, Func{HttpContext, EventStreamSubscription}, Action{HttpContext,
    /// EventStreamOptions}?)"/>
    /// <typeparam name="T">The type of the messages' data, for API documents alone: they have <see cref="SseItem{T}"/> of it.</typeparam>
    public static RouteHandlerBuilder MapEventStream<T>(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        Func<HttpContext, EventStreamSubscription> subscribe,
        Action<HttpContext, EventStreamOptions>? configure = null) =>
        MapSubscription(endpoints, pattern, subscribe, configure, typeof(SseItem<T>));

    private static RouteHandlerBuilder MapChannel(
        IEndpointRouteBuilder endpoints, string pattern, string channel, Action<EventStreamOptions>? configure, Type documented)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ChannelPattern.Check(channel);
        var hub = EventStreamHub.Of(endpoints.ServiceProvider);
        var options = hub.Host.OptionsWith(configure);
        var isPattern = ChannelPattern.IsPattern(channel);
        if ((isPattern ? hub.Registry.DefinitionOfPattern(channel) : hub.Registry.DefinitionOf(channel)) is null)
        {
            throw new InvalidOperationException(
                $"No channel or pattern '{channel}' was added, so '{pattern}' could stream nothing. "
                + $"Add it: builder.Services.AddEventStreams().AddChannel(\"{channel}\"), or by its name in the configuration.");
        }

        var subscription = new EventStreamSubscription(channel);
        ChannelEndpoint endpoint = new(hub, isPattern ? channel : null, _ => options);
        return Map(endpoints, pattern, isPattern ? SubscribeToFilled : _ => subscription, endpoint, documented);

        EventStreamSubscription SubscribeToFilled(HttpContext context) => ChannelPattern.Fill(channel, name => RouteValue(context, name));
    }

    private static RouteHandlerBuilder MapSubscription(
        IEndpointRouteBuilder endpoints,
        string pattern,
        Func<HttpContext, EventStreamSubscription> subscribe,
        Action<HttpContext, EventStreamOptions>? configure,
        Type documented)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(subscribe);
        var hub = EventStreamHub.Of(endpoints.ServiceProvider);
        return Map(endpoints, pattern, subscribe, new(hub, pattern: null, OptionsOf), documented);

        EventStreamOptions OptionsOf(HttpContext context) =>
            configure is null ? hub.Host.Options : hub.Host.OptionsWith(options => configure(context, options));
    }

    private static RouteHandlerBuilder Map(
        IEndpointRouteBuilder endpoints,
        string pattern,
        Func<HttpContext, EventStreamSubscription> subscribe,
        ChannelEndpoint endpoint,
        Type documented)
    {
        return new RouteHandlerBuilder([endpoints.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], Answer)])
            .WithEventStreamDefaults()

            // By the method an API document finds the endpoint; ChannelApiDescriptions adds what its signature does not say.
            .WithMetadata(subscribe.Method, endpoint)
            .Produces(StatusCodes.Status200OK, documented, EventStreamHeaders.ContentType);

        Task Answer(HttpContext context) => endpoint.RunAsync(context, subscribe);
    }

    private static string RouteValue(HttpContext context, string name) =>
        context.GetRouteValue(name) as string
            ?? throw new InvalidOperationException(
                $"The channel's name has the placeholder '{name}', and the route has no such value. Give both the same word.");
}
