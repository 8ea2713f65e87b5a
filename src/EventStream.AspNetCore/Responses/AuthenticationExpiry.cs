using Microsoft.AspNetCore.Authentication;

namespace EventStream.AspNetCore.Responses;

/// <summary>Finds out when the authentication of a request expires.</summary>
internal static class AuthenticationExpiry
{
    /// <summary>Gets the expiry at which the request's stream must end; null if there is none, or the options ignore it.</summary>
    /// <remarks>
    /// The authentication middleware and the authorization middleware leave the result in the request's features. Of several schemes,
    /// the framework keeps the earliest expiry. A handler that calls <c>AuthenticateAsync</c> itself leaves nothing.
    /// </remarks>
    public static DateTimeOffset? Of(HttpContext context, EventStreamOptions options) =>
        options.CloseOnAuthenticationExpiration
            ? context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc
            : null;

    /// <summary>Whether the request's authentication has expired, although its scheme's handler accepted it.</summary>
    /// <remarks>JwtBearer accepts a token until five minutes after its expiry. Its stream would open and end in a loop.</remarks>
    public static bool IsOver(HttpContext context, StreamHost host, EventStreamOptions options) =>
        Of(context, options) is { } expiry && expiry <= host.Time.GetUtcNow();

    /// <summary>Answers a request whose authentication has expired: 401, which stops an <c>EventSource</c>.</summary>
    public static Task RefuseAsync(HttpContext context)
    {
        // RFC 6750, section 3: a client with a bearer token learns that it needs another one. A cookie has no scheme of HTTP.
        if (context.Request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        }

        return ReasonedAnswer.WriteAsync(
            context, StatusCodes.Status401Unauthorized, "The authentication of this request has expired. Sign in again.");
    }
}
