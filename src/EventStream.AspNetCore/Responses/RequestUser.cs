using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace EventStream.AspNetCore.Responses;

/// <summary>Finds the user of a request, for its subscription and for the limit of a user's streams.</summary>
internal static class RequestUser
{
    /// <summary>Gets the name identifier claim of the request's user, or else its claim <c>sub</c>; null if it has neither.</summary>
    public static string? Of(HttpContext context)
    {
        // Not by context.User, because it allocates an object that would live as long as the stream.
        var principal = context.Features.Get<IHttpAuthenticationFeature>()?.User;
        return principal?.FindFirstValue(ClaimTypes.NameIdentifier) ?? principal?.FindFirstValue("sub");
    }
}
