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
    /// An endpoint of a pattern serves only the channels of that pattern. A channel that was added by name, or that belongs to another
    /// pattern, gets 404 here, because its own authorization may be stricter. A HEAD request creates no channel.
    /// </remarks>
    /// <param name="endpoints">The app, or a group.</param>
    /// <param name="pattern">The route pattern.</param>
    /// <param name="channel">
    /// The channel's name; a word in braces stands for the route value of that name: <c>MapEventStream("/orders/{id}", "orders/{id}")</c>.
    /// </param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for these streams alone; null, the default, changes nothing. It is called once,
    /// while mapping.
    /// </param>
    /// <exception cref="InvalidOperationException">
    /// <c>AddEventStreams</c> was not called. Or no such channel was added. Or <see cref="EventStreamOptions.ReauthorizationInterval"/> is
    /// set, and the app has no authorization.
    /// </exception>
    /// <exception cref="ArgumentException">The name is not valid for a channel.</exception>
    /// <exception cref="OptionsValidationException">
    /// <paramref name="configure"/> sets an option that is out of range.
    /// </exception>
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
    /// <remarks>To look the channels up asynchronously, map a handler that returns <c>TypedResults.EventStream(subscription)</c>.</remarks>
    /// <param name="endpoints">The app, or a group.</param>
    /// <param name="pattern">The route pattern.</param>
    /// <param name="subscribe">
    /// Returns the request's subscription; a name converts to one. It may name any channel, so check names that the client sends. An
    /// invalid subscription, such as one without a channel, gets 400 with the reason. Its exceptions are ordinary errors of the request.
    /// </param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for the stream of a request; null, the default, changes nothing. It is called for
    /// each request, after <paramref name="subscribe"/>. An option that is out of range fails that request before a byte is sent.
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
        hub.Host.Authorization.ThrowIfMissing(options, pattern);
        var isPattern = ChannelPattern.IsPattern(channel);
        if ((isPattern ? hub.Registry.DefinitionOfPattern(channel) : hub.Registry.DefinitionOf(channel)) is null)
        {
            throw new InvalidOperationException(
                $"No channel or pattern '{channel}' was added, so the endpoint '{pattern}' could stream nothing. "
                + $"Add it: builder.Services.AddEventStreams().AddChannel(\"{channel}\"), "
                + "or in the section Channels of the configuration.");
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

            // API documents find the endpoint by this method; ChannelApiDescriptions adds what the method's signature lacks.
            .WithMetadata(subscribe.Method, endpoint)
            .Produces(StatusCodes.Status200OK, documented, EventStreamHeaders.ContentType);

        Task Answer(HttpContext context) => endpoint.RunAsync(context, subscribe);
    }

    private static string RouteValue(HttpContext context, string name) =>
        context.GetRouteValue(name) as string
            ?? throw new InvalidOperationException(
                $"The channel's name has the placeholder '{name}', and the route has no value of that name. Use the same word in both.");
}
