using Microsoft.AspNetCore.Authentication;

namespace EventStream.AspNetCore.Responses;

/// <summary>When the authentication of a request expires, as its scheme's handler said.</summary>
internal static class AuthenticationExpiry
{
    /// <summary>The expiry that the request's stream must not outlive; null: none, or it may.</summary>
    /// <remarks>
    /// The authentication middleware and the authorization middleware leave the result in the request's features. Of several schemes,
    /// the framework keeps the earliest expiry. A handler that calls <c>AuthenticateAsync</c> itself leaves nothing.
    /// </remarks>
    public static DateTimeOffset? Of(HttpContext context, EventStreamOptions options) =>
        options.CloseOnAuthenticationExpiration
            ? context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc
            : null;

    /// <summary>Whether the request's authentication has expired, although its scheme's handler accepts it.</summary>
    /// <remarks>JwtBearer accepts a token for five minutes more. A stream of it would open and end in a loop.</remarks>
    public static bool IsOver(HttpContext context, StreamHost host, EventStreamOptions options) =>
        Of(context, options) is { } expiry && expiry <= host.Time.GetUtcNow();

    /// <summary>Answers such a request: 401, which stops an <c>EventSource</c>.</summary>
    public static Task RefuseAsync(HttpContext context)
    {
        // RFC 9110, section 11.6.1: a 401 names a scheme. The one that the client used is the one it knows; a cookie has none.
        if (context.Request.Headers.Authorization is [{ } credentials] && credentials.IndexOf(' ') is > 0 and var end)
        {
            var scheme = credentials[..end];
            var isBearer = scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase);
            context.Response.Headers.WWWAuthenticate = isBearer ? "Bearer error=\"invalid_token\"" : scheme;
        }

        return ReasonedAnswer.WriteAsync(
            context, StatusCodes.Status401Unauthorized, "The authentication of this request has expired. Sign in again.");
    }
}
