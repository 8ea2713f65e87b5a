using System.Net;
using System.Security.Claims;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>Cookie authentication, which sends a browser to a login page where there is nothing else to do.</summary>
public sealed class CookieRedirectTests
{
    private readonly SourcePerRequest _sources = new();

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(StreamEndpoints.Known), MemberType = typeof(StreamEndpoints))]
    public async Task Challenge_Stream_401(string path)
    {
        await using var app = await StartAsync();

        using var stream = await app.OpenAsync(path);

        stream.Response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        PathOf(stream.Response).Should().Be(path, "a login page is no event stream, and an EventSource would give up because of it");
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(StreamEndpoints.Known), MemberType = typeof(StreamEndpoints))]
    public async Task Forbid_Stream_403(string path)
    {
        await using var app = await StartAsync();
        using var login = await app.Client.GetAsync("/sign-in?admin=false").OrFail();

        using var stream = await app.OpenAsync(path);

        stream.Response.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        PathOf(stream.Response).Should().Be(path);
    }

    [Fact(Timeout = 30_000)]
    public async Task SignedIn_Stream_Opens()
    {
        await using var app = await StartAsync();
        using var login = await app.Client.GetAsync("/sign-in?admin=true").OrFail();

        using var stream = await app.OpenAsync("/typed");

        await stream.ReadRetryAsync();
        await stream.ShouldPassAtOnceAsync(await _sources.NextAsync(), "for the admin");
    }

    [Fact(Timeout = 30_000)]
    public async Task Challenge_Page_GoesToTheLoginPage()
    {
        await using var app = await StartAsync();

        using var response = await app.Client.GetAsync("/page").OrFail();

        PathOf(response).Should().Be("/Account/Login");
    }

    private static string PathOf(HttpResponseMessage response) => response.RequestMessage!.RequestUri!.AbsolutePath;

    private Task<TestApp> StartAsync() => TestApp.StartAsync(
        app =>
        {
            app.UseAuthentication();
            app.UseAuthorization();
            app.MapGet("/sign-in", (HttpContext context, bool admin) => context.SignInAsync(UserOf(admin))).AllowAnonymous();
            app.MapGet("/Account/Login", () => "Who are you?").AllowAnonymous();
            app.MapGet("/page", () => "only for admins");
            app.MapStreams(_sources);
        },
        services =>
        {
            services.AddStreams(_sources);
            services.AddDataProtection().UseEphemeralDataProtectionProvider();
            services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
            services.AddAuthorizationBuilder().AddFallbackPolicy("admins", policy => policy.RequireRole("admin"));
        });

    private static ClaimsPrincipal UserOf(bool admin) =>
        new(new ClaimsIdentity([new(ClaimTypes.Role, admin ? "admin" : "guest")], CookieAuthenticationDefaults.AuthenticationScheme));
}
