using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

/// <summary>The cheapest scheme: one ticket for all requests, which expires in a year. So its own work is not measured.</summary>
internal sealed class EveryoneIsAnn(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private static readonly ClaimsPrincipal Ann = new(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, "ann")], "Load"));

    private static readonly Task<AuthenticateResult> Result = Task.FromResult(AuthenticateResult.Success(
        new(Ann, new AuthenticationProperties { ExpiresUtc = DateTimeOffset.UtcNow.AddYears(1) }, "Load")));

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Result;
}
