using System.Diagnostics.CodeAnalysis;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

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
    /// Changes the app's <see cref="EventStreamOptions"/> for these streams alone; null, the default, changes nothing.
    /// </param>
    /// <exception cref="InvalidOperationException"><c>AddEventStreams</c> was not called.</exception>
    /// <exception cref="ArgumentException">The name is none that a channel can have.</exception>
    public static RouteHandlerBuilder MapEventStream(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern, string channel, Action<EventStreamOptions>? configure = null)
    {
        ChannelPattern.Check(channel);
        if (ChannelPattern.IsPattern(channel)) return Map(endpoints, pattern, SubscribeToFilled, channel, configure);
        var subscription = new EventStreamSubscription(channel);
        return Map(endpoints, pattern, _ => subscription, channels: null, configure);

        EventStreamSubscription SubscribeToFilled(HttpContext context) => new(ChannelPattern.Fill(channel, name => RouteValue(context, name)));
    }

    /// <summary>Maps GET (and HEAD) requests to the event stream of the channels that a request subscribes to.</summary>
    /// <param name="endpoints">The app, or a group.</param>
    /// <param name="pattern">The route pattern.</param>
    /// <param name="subscribe">
    /// From the request to its subscription; a name converts to one. It may name any channel, so check names that come from the client.
    /// What it throws is an ordinary error of the request.
    /// </param>
    /// <param name="configure">
    /// Changes the app's <see cref="EventStreamOptions"/> for these streams alone; null, the default, changes nothing.
    /// </param>
    /// <exception cref="InvalidOperationException"><c>AddEventStreams</c> was not called.</exception>
    public static RouteHandlerBuilder MapEventStream(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern, Func<HttpContext, EventStreamSubscription> subscribe, Action<EventStreamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(subscribe);
        return Map(endpoints, pattern, subscribe, channels: null, configure);
    }

    /// <param name="endpoints">The app, or a group.</param>
    /// <param name="pattern">The route pattern.</param>
    /// <param name="subscribe">From the request to its subscription.</param>
    /// <param name="channels">The pattern whose channels are served; null: whatever the function names.</param>
    /// <param name="configure">Changes the app's options.</param>
    private static RouteHandlerBuilder Map(
        IEndpointRouteBuilder endpoints,
        string pattern,
        Func<HttpContext, EventStreamSubscription> subscribe,
        string? channels,
        Action<EventStreamOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var hub = endpoints.ServiceProvider.GetService<EventStreamHub>()
            ?? throw new InvalidOperationException("There are no channels. Add them: builder.Services.AddEventStreams().AddChannel(…).");
        var endpoint = new ChannelEndpoint(hub, channels, configure);
        return new RouteHandlerBuilder([endpoints.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], Answer)])
            .WithEventStreamDefaults()

            // By the method an API document finds the endpoint; ChannelApiDescriptions adds what its signature does not say.
            .WithMetadata(subscribe.Method, endpoint)
            .Produces<System.Net.ServerSentEvents.SseItem<string>>(StatusCodes.Status200OK, EventStreamHeaders.ContentType);

        Task Answer(HttpContext context)
        {
            // The function may look at the user's rights.
            hub.Registry.Revocations.Capture(context);
            return endpoint.RunAsync(context, subscribe(context));
        }
    }

    private static string RouteValue(HttpContext context, string name) =>
        context.GetRouteValue(name) as string
            ?? throw new InvalidOperationException($"The channel's name has the placeholder '{name}', and the route has no such value. Give both the same word.");
}
