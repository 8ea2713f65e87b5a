using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>Takes the claims from the headers <c>X-Role</c>, <c>X-User</c>, <c>X-Sub</c> and <c>X-Session</c>.</summary>
/// <remarks>Without any of them the user is anonymous.</remarks>
public sealed class HeaderAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddAuthentication("Header").AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>("Header", null);
        services.AddAuthorization();
    }

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        List<Claim> claims = [];
        if (Request.Headers["X-Role"] is [{ } role]) claims.Add(new(ClaimTypes.Role, role));
        if (Request.Headers["X-User"] is [{ } name]) claims.Add(new(ClaimTypes.NameIdentifier, name));
        if (Request.Headers["X-Sub"] is [{ } subject]) claims.Add(new("sub", subject));
        if (Request.Headers["X-Session"] is [{ } session]) claims.Add(new("sid", session));
        if (claims.Count == 0) return Task.FromResult(AuthenticateResult.NoResult());
        var user = new ClaimsPrincipal(new ClaimsIdentity(claims, Scheme.Name));
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(user, Scheme.Name)));
    }
}
