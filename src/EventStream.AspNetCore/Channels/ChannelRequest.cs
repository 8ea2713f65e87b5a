using EventStream.AspNetCore.Diagnostics;
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
    private static readonly TimeSpan LogRetry = TimeSpan.FromSeconds(5);

    /// <summary>Answers a request. Not an async method, nor one that makes the request a scope of services, where neither a policy nor a log is to be asked: an idle subscriber would keep both.</summary>
    public static Task RunAsync(HttpContext context, EventStreamHub hub, EventStreamSubscription subscription, Action<EventStreamOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        var position = EventStreamResponse.PositionOf(context, configure);
        if (EventStreamResponse.TryAnswerFinished(context, position)) return Task.CompletedTask;
        return subscription.Channels.Any(name => PolicyOf(hub, name) is not null || IsForLogToSay(hub, name))
            ? AskAndRunAsync(context, hub, subscription, position, configure)
            : AnswerAsync(context, hub, subscription, position, configure);
    }

    public static string RouteValue(HttpContext context, string name) =>
        context.GetRouteValue(name) as string
            ?? throw new InvalidOperationException($"The channel's name has the placeholder '{name}', and the route has no such value. Give both the same word.");

    private static string? PolicyOf(EventStreamHub hub, string name) => hub.DefinitionOf(name)?.Options.AuthorizationPolicy;

    private static async Task AskAndRunAsync(HttpContext context, EventStreamHub hub, EventStreamSubscription subscription, string? position, Action<EventStreamOptions>? configure)
    {
        // The name is the resource: nothing is made, or asked of a log, for one who may not subscribe.
        if (!await MaySubscribeAsync(context, hub, subscription)) return;
        try
        {
            foreach (var name in subscription.Channels)
            {
                if (!IsForLogToSay(hub, name)) continue;
                var asking = hub.Node!.HasAsync(name);
                if (!await context.ReturnsAsync(asking, "The log behind the channels")) return;
                if (await asking) hub.Channel(name);
            }
        }
        catch (EventStreamLogException exception)
        {
            Log.LogNotAsked(hub.Host.Logger, exception, context.EndpointName);
            await new EventStreamRetryLaterResult(LogRetry).ExecuteAsync(context);
            return;
        }

        await AnswerAsync(context, hub, subscription, position, configure);
    }

    /// <summary>Asks the channels' policies. False: the request is answered.</summary>
    private static async Task<bool> MaySubscribeAsync(HttpContext context, EventStreamHub hub, EventStreamSubscription subscription)
    {
        foreach (var name in subscription.Channels)
        {
            if (PolicyOf(hub, name) is not { } policy) continue;
            var authorization = context.RequestServices.GetService<IAuthorizationService>()
                ?? throw new InvalidOperationException("A channel has an AuthorizationPolicy, and the app no authorization. Call builder.Services.AddAuthorization(…).");
            var asking = authorization.AuthorizeAsync(context.User, name, policy);
            if (!await context.ReturnsAsync(asking, "A channel's AuthorizationPolicy")) return false;
            if ((await asking).Succeeded) continue;
            var refusing = context.User.Identity?.IsAuthenticated == true ? context.ForbidAsync() : context.ChallengeAsync();
            if (await context.ReturnsAsync(refusing, "The authentication scheme")) await refusing;
            return false;
        }

        return true;
    }

    /// <summary>Whether the answer hangs on the existence of a channel of which only the log can tell.</summary>
    private static bool IsForLogToSay(EventStreamHub hub, string name) =>
        hub.IsForLogToSay(name) && !hub.DefinitionOf(name)!.Options.CreateOnSubscribe;

    /// <summary>Whether the client was here in an earlier life of the channel: a browser that is told 404 would not come back, and it has a gap to be told.</summary>
    private static bool WasHere(string name, EventStreamChannelOptions options, string? position) =>
        !string.IsNullOrEmpty(position) && (options.UseMessageIds ? EventFields.IsId(position) : Positions.IsOf(position, name));

    // Not an async method either.
    private static Task AnswerAsync(
        HttpContext context, EventStreamHub hub, EventStreamSubscription subscription, string? position, Action<EventStreamOptions>? configure)
    {
        var channels = new EventStreamChannel[subscription.Channels.Count];
        for (var i = 0; i < channels.Length; i++)
        {
            var name = subscription.Channels[i];
            if (!hub.TryGetChannel(name, out var channel))
            {
                var options = hub.DefinitionOf(name)?.Options;
                var mayMake = options is not null && (options.CreateOnSubscribe || (!hub.IsForLogToSay(name) && WasHere(name, options, position)));
                if (!mayMake)
                {
                    return AnswerUnknownAsync(context, name, options?.OnUnknown);
                }

                channel = hub.Channel(name);
            }

            channels[i] = channel;
        }

        return new EventStreamResult(new ChannelSource(channels, subscription), configure).ExecuteAsync(context);
    }

    private static async Task AnswerUnknownAsync(HttpContext context, string name, Func<HttpContext, string, IResult>? onUnknown)
    {
        var answering = (onUnknown?.Invoke(context, name) ?? Results.NotFound()).ExecuteAsync(context);
        if (await context.ReturnsAsync(answering, "The result of OnUnknown")) await answering;
    }
}
