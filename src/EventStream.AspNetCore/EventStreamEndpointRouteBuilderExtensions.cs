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
    /// <param name="endpoints">The app, or a group.</param>
    /// <param name="pattern">The route pattern.</param>
    /// <param name="channel">The channel's name; a word in braces stands for the route value of that name: <c>MapEventStream("/orders/{id}", "orders/{id}")</c>.</param>
    /// <param name="configure">Changes the app's <see cref="EventStreamOptions"/> for these streams alone; null, the default, changes nothing.</param>
    /// <exception cref="InvalidOperationException"><c>AddEventStreams</c> was not called.</exception>
    /// <exception cref="ArgumentException">The name is none that a channel can have.</exception>
    public static RouteHandlerBuilder MapEventStream(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern, string channel, Action<EventStreamOptions>? configure = null)
    {
        ChannelPattern.Check(channel);
        if (ChannelPattern.IsPattern(channel))
        {
            return endpoints.MapEventStream(pattern, context => new EventStreamSubscription(ChannelPattern.Fill(channel, name => ChannelRequest.RouteValue(context, name))), configure);
        }

        var subscription = new EventStreamSubscription(channel);
        return endpoints.MapEventStream(pattern, _ => subscription, configure);
    }

    /// <summary>Maps GET (and HEAD) requests to the event stream of the channels that a request subscribes to.</summary>
    /// <param name="endpoints">The app, or a group.</param>
    /// <param name="pattern">The route pattern.</param>
    /// <param name="subscribe">From the request to its subscription; a name converts to one. What it throws is an ordinary error of the request.</param>
    /// <param name="configure">Changes the app's <see cref="EventStreamOptions"/> for these streams alone; null, the default, changes nothing.</param>
    /// <exception cref="InvalidOperationException"><c>AddEventStreams</c> was not called.</exception>
    public static RouteHandlerBuilder MapEventStream(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern, Func<HttpContext, EventStreamSubscription> subscribe, Action<EventStreamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(subscribe);
        var hub = endpoints.ServiceProvider.GetService<EventStreamHub>()
            ?? throw new InvalidOperationException("There are no channels. Add them: builder.Services.AddEventStreams().AddChannel(…).");
        var endpoint = endpoints.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], Answer);
        return new RouteHandlerBuilder([endpoint])
            .WithEventStreamDefaults()

            // By the method an API document finds the endpoint; ChannelApiDescriptions adds what its signature does not say.
            .WithMetadata(subscribe.Method, ChannelEndpoint.Instance)
            .Produces<System.Net.ServerSentEvents.SseItem<string>>(StatusCodes.Status200OK, EventStreamHeaders.ContentType);

        Task Answer(HttpContext context)
        {
            // The function may look at the user's rights.
            hub.Revocations.Capture(context);
            return ChannelRequest.RunAsync(context, hub, subscribe(context), configure);
        }
    }
}
