using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace EventStream.AspNetCore.Responses;

/// <summary>Finds out when the authentication of a request expires.</summary>
internal static class AuthenticationExpiry
{
    /// <summary>Gets the expiry at which the request's stream must end; null if there is none, or it does not count.</summary>
    /// <remarks>
    /// The authentication middleware and the authorization middleware leave the result in the request's features. Of several schemes, the
    /// framework keeps the earliest expiry. A handler that calls <c>AuthenticateAsync</c> leaves nothing, and a middleware that sets
    /// <see cref="HttpContext.User"/> makes the framework drop the result. An endpoint for anonymous users needs no authentication.
    /// </remarks>
    public static DateTimeOffset? Of(HttpContext context, EventStreamOptions options) =>
        options.CloseOnAuthenticationExpiration
        && context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc is { } expiry
        && context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null
            ? expiry
            : null;

    /// <summary>Whether the request's authentication has expired, although its scheme's handler accepted it.</summary>
    /// <remarks>JwtBearer accepts a token until five minutes after its expiry. Its stream would open and end in a loop.</remarks>
    public static bool HasExpired(HttpContext context, StreamHost host, EventStreamOptions options) =>
        Of(context, options) is { } expiry && expiry <= host.Time.GetUtcNow();

    /// <summary>Answers a request whose authentication has expired: 401, which stops an <c>EventSource</c>.</summary>
    public static Task RefuseAsync(HttpContext context)
    {
        // RFC 9110, section 15.5.2: each 401 has a challenge. That of RFC 6750 says that the token is the reason; browsers ignore it.
        context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        return ReasonedAnswer.WriteAsync(
            context, StatusCodes.Status401Unauthorized, "The authentication of this request has expired. Sign in again.");
    }
}
