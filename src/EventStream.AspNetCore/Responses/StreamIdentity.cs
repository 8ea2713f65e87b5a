using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.Extensions.Primitives;

namespace EventStream.AspNetCore.Responses;

/// <summary>Whose stream it is: the values by which an <see cref="EventStreamSelector"/> finds a stream.</summary>
/// <param name="User">The user; null without one.</param>
/// <param name="Authentication">
/// Has the request's principal; null without one. The feature, because the app may replace the principal while the stream is open.
/// </param>
/// <param name="ConnectionId">The connection's id; null for a loop in this process.</param>
/// <param name="Channels">The names of its channels.</param>
internal readonly record struct StreamIdentity(
    string? User, IHttpAuthenticationFeature? Authentication, string? ConnectionId, StringValues Channels)
{
    /// <summary>Whether it can be selected by a user or a claim, so that it needs the node's lease.</summary>
    public bool IsNamed => User is not null || Authentication?.User?.Claims.Any() == true;

    /// <summary>Gets the identity of a request's stream.</summary>
    /// <param name="context">The request.</param>
    /// <param name="user">The user that the app has set; null: the user of the request's claims.</param>
    /// <param name="channels">The names of its channels; none for a plain source.</param>
    public static StreamIdentity Of(HttpContext context, string? user = null, StringValues channels = default)
    {
        // Not by the context's own properties, because they allocate objects that would live as long as the stream.
        var authentication = context.Features.Get<IHttpAuthenticationFeature>();
        var connectionId = context.Features.Get<IHttpConnectionFeature>()?.ConnectionId ?? "";
        return new(user ?? UserOf(authentication?.User), authentication, connectionId, channels);
    }

    /// <summary>Gets the identity of a loop of the app that reads a channel.</summary>
    public static StreamIdentity OfLoop(string? user, string channel) => new(user, Authentication: null, ConnectionId: null, channel);

    /// <summary>Whether a selector selects it. Any thread may call it.</summary>
    /// <param name="selector">The selector; null selects every stream, but not the app's own loops.</param>
    public bool IsSelectedBy(EventStreamSelector? selector)
    {
        var isOwnLoop = ConnectionId is null && User is null;
        if (isOwnLoop || selector is null) return !isOwnLoop;
        return (selector.User is null || selector.User == User)
            && (selector.ConnectionId is null || selector.ConnectionId == ConnectionId)
            && (selector.Channel is null || Reads(selector.Channel))
            && (selector.Claim is not { } claim || HasClaim(claim.Type, claim.Value));
    }

    /// <summary>Whether the principal has a claim. If the principal throws, it counts as having it, so that the stream ends.</summary>
    /// <remarks>It may throw because another thread is changing it, and an exception here would leave later streams open.</remarks>
    private bool HasClaim(string type, string value)
    {
        try
        {
            return Authentication?.User?.HasClaim(type, value) == true;
        }
        catch (Exception)
        {
            return true;
        }
    }

    private bool Reads(string channel)
    {
        foreach (var name in Channels)
        {
            if (name == channel) return true;
        }

        return false;
    }

    /// <summary>Gets the user of a request's claims: the name identifier, or else <c>sub</c>; null if it has neither.</summary>
    public static string? UserOf(HttpContext context) => UserOf(context.Features.Get<IHttpAuthenticationFeature>()?.User);

    private static string? UserOf(ClaimsPrincipal? principal) =>
        principal?.FindFirstValue(ClaimTypes.NameIdentifier) ?? principal?.FindFirstValue("sub");
}
