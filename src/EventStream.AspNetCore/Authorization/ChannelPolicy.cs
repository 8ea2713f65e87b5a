using System.Security.Claims;
using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace EventStream.AspNetCore.Authorization;

/// <summary>The policy that a user must meet to read a channel, with the channel's name as its resource.</summary>
/// <param name="Channel">The channel's name.</param>
/// <param name="Policy">The policy's name.</param>
internal readonly record struct ChannelPolicy(string Channel, string Policy)
{
    /// <summary>Gets the policy of a channel; null if it has none.</summary>
    public static ChannelPolicy? Of(string channel, EventStreamChannelOptions options) =>
        options.AuthorizationPolicy is { } policy ? new(channel, policy) : null;

    /// <summary>Evaluates the policy, when a stream opens and each time that its rights are checked again.</summary>
    /// <exception cref="InvalidOperationException">The app has no authorization, or no policy of the name.</exception>
    public async Task<bool> AllowsAsync(IServiceProvider services, ClaimsPrincipal user)
    {
        var authorization = services.GetService<IAuthorizationService>()
            ?? throw new InvalidOperationException(
                $"The channel '{Channel}' has an AuthorizationPolicy, and the app has no authorization. "
                + "Call builder.Services.AddAuthorization(…).");
        return (await authorization.AuthorizeAsync(user, Channel, Policy)).Succeeded;
    }

    /// <summary>Evaluates the policy for a request, and answers 401 or 403 if it does not succeed.</summary>
    /// <returns>Whether it has succeeded. If not, the request was answered, and the caller must return.</returns>
    public async Task<bool> AdmitsAsync(HttpContext context)
    {
        var asking = AllowsAsync(context.RequestServices, context.User);
        if (!await context.ReturnsAsync(asking, "A channel's AuthorizationPolicy")) return false;
        if (await asking) return true;
        var refusing = context.User.Identity?.IsAuthenticated == true ? context.ForbidAsync() : context.ChallengeAsync();
        if (await context.ReturnsAsync(refusing, "The authentication scheme")) await refusing;
        return false;
    }
}
