using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EventStream.AspNetCore.Channels;

/// <summary>A request for the stream of a subscription: found, allowed, and answered.</summary>
internal static class ChannelRequest
{
    public static async Task RunAsync(HttpContext context, EventStreamSubscription subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        var hub = context.RequestServices.GetService<EventStreamHub>()
            ?? throw new InvalidOperationException("There are no channels. Add them: builder.Services.AddEventStreams().AddChannel(…).");
        if (EventStreamResponse.TryAnswerFinished(context)) return;

        // All of them first: nothing is made for one who may not subscribe.
        foreach (var name in subscription.Channels)
        {
            if (hub.DefinitionOf(name)?.Options.AuthorizationPolicy is { } policy && !await MayAsync(context, policy, name)) return;
        }

        List<EventStreamChannel> channels = [];
        foreach (var name in subscription.Channels)
        {
            if (!hub.TryGetChannel(name, out var channel))
            {
                var options = hub.DefinitionOf(name)?.Options;
                if (options is not { CreateOnSubscribe: true })
                {
                    await (options?.OnUnknown?.Invoke(context, name) ?? Results.NotFound()).ExecuteAsync(context);
                    return;
                }

                channel = hub.Channel(name);
            }

            channels.Add(channel);
        }

        await new EventStreamResult(new ChannelSource(channels, subscription), configure: null).ExecuteAsync(context);
    }

    public static string RouteValue(HttpContext context, string name) =>
        context.GetRouteValue(name) as string
            ?? throw new InvalidOperationException($"The channel's name has the placeholder '{name}', and the route has no such value. Give both the same word.");

    private static async ValueTask<bool> MayAsync(HttpContext context, string policy, string channel)
    {
        var authorization = context.RequestServices.GetService<IAuthorizationService>()
            ?? throw new InvalidOperationException("The channel has an AuthorizationPolicy, and the app no authorization. Call builder.Services.AddAuthorization(…).");
        if ((await authorization.AuthorizeAsync(context.User, channel, policy)).Succeeded) return true;
        if (context.User.Identity?.IsAuthenticated == true) await context.ForbidAsync();
        else await context.ChallengeAsync();
        return false;
    }
}
