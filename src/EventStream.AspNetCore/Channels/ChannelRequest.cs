using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Wire;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EventStream.AspNetCore.Channels;

/// <summary>A request for the stream of a subscription: found, allowed, and answered.</summary>
internal static class ChannelRequest
{
    /// <summary>Answers a request. Not an async method, nor one that makes the request a scope of services, where no policy is to be asked: an idle subscriber would keep both.</summary>
    public static Task RunAsync(HttpContext context, EventStreamHub hub, EventStreamSubscription subscription, Action<EventStreamOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        var position = EventStreamResponse.PositionOf(context, configure);
        if (EventStreamResponse.TryAnswerFinished(context, position)) return Task.CompletedTask;
        return subscription.Channels.Any(name => PolicyOf(hub, name) is not null)
            ? AuthorizeAndRunAsync(context, hub, subscription, position, configure)
            : AnswerTo(context, hub, subscription, position, configure).ExecuteAsync(context);
    }

    public static string RouteValue(HttpContext context, string name) =>
        context.GetRouteValue(name) as string
            ?? throw new InvalidOperationException($"The channel's name has the placeholder '{name}', and the route has no such value. Give both the same word.");

    private static string? PolicyOf(EventStreamHub hub, string name) => hub.DefinitionOf(name)?.Options.AuthorizationPolicy;

    private static async Task AuthorizeAndRunAsync(HttpContext context, EventStreamHub hub, EventStreamSubscription subscription, string? position, Action<EventStreamOptions>? configure)
    {
        var authorization = context.RequestServices.GetService<IAuthorizationService>()
            ?? throw new InvalidOperationException("A channel has an AuthorizationPolicy, and the app no authorization. Call builder.Services.AddAuthorization(…).");

        // The name is the resource: nothing is made for one who may not subscribe.
        foreach (var name in subscription.Channels)
        {
            if (PolicyOf(hub, name) is not { } policy || (await authorization.AuthorizeAsync(context.User, name, policy)).Succeeded) continue;
            if (context.User.Identity?.IsAuthenticated == true) await context.ForbidAsync();
            else await context.ChallengeAsync();
            return;
        }

        await AnswerTo(context, hub, subscription, position, configure).ExecuteAsync(context);
    }

    /// <summary>Whether the client was here in an earlier life of the channel: a browser that is told 404 would not come back, and it has a gap to be told.</summary>
    private static bool WasHere(string name, EventStreamChannelOptions options, string? position) =>
        !string.IsNullOrEmpty(position) && (options.UseMessageIds ? EventFields.IsId(position) : Positions.IsOf(position, name));

    private static IResult AnswerTo(HttpContext context, EventStreamHub hub, EventStreamSubscription subscription, string? position, Action<EventStreamOptions>? configure)
    {
        var channels = new EventStreamChannel[subscription.Channels.Count];
        for (var i = 0; i < channels.Length; i++)
        {
            var name = subscription.Channels[i];
            if (!hub.TryGetChannel(name, out var channel))
            {
                var options = hub.DefinitionOf(name)?.Options;
                if (options is null || !(options.CreateOnSubscribe || WasHere(name, options, position))) return options?.OnUnknown?.Invoke(context, name) ?? Results.NotFound();
                channel = hub.Channel(name);
            }

            channels[i] = channel;
        }

        return new EventStreamResult(new ChannelSource(channels, subscription), configure);
    }
}
