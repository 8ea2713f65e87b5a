using System.Net;
using System.Security.Claims;
using System.Text.Json.Nodes;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>A stream ends when the cookie or token that opened it expires, and an expired one gets 401.</summary>
public sealed class AuthenticationExpirationTests
{
    private const string Cookie = CookieAuthenticationDefaults.AuthenticationScheme;
    private const string Jwt = JwtBearerDefaults.AuthenticationScheme;
    private const string Bearer = BearerTokenDefaults.AuthenticationScheme;
    private const string Channel = "/channel";

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan DrainRetry = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly SymmetricSecurityKey Key = new(new byte[32]);

    private readonly SourcePerRequest _sources = new();
    private readonly OverdueSource _late = new();
    private DrivenSource? _source;
    private Action<EventStreamOptions>? _options;

    public static TheoryData<string, string> SchemesAndStreams
    {
        get
        {
            TheoryData<string, string> rows = [];
            foreach (var scheme in (string[])[Cookie, Jwt, Bearer])
            {
                foreach (var path in (string[])["/typed", "/declared", "/negotiated", "/mvc", Channel]) rows.Add(scheme, path);
            }

            return rows;
        }
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(SchemesAndStreams))]
    public async Task Ticket_Expires_StreamEndsCleanlyAndItsClientGets401(string scheme, string path)
    {
        await using var app = await StartAsync(scheme);
        await SignInAsync(app, scheme);
        await using var stream = await app.ListenAsync(path);
        await SendAsync(app, path, "before");
        (await stream.NextAsync()).Data.Should().Be("before");

        await app.Time.AdvanceAsync(Lifetime - Tick);
        await SendAsync(app, path, "just before");
        (await stream.NextAsync()).Data.Should().Be("just before", "the ticket has not expired yet");
        app.Time.Advance(2 * Tick);

        await stream.ExpectEndAsync();
        stream.Retry.Should().BeGreaterThanOrEqualTo(DrainRetry, "clients with one expiry must not return together");
        using var again = await app.OpenAsync(path);
        again.Response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/typed")]
    [InlineData(Channel)]
    public async Task Ticket_Expires_LastEventSaysSoIfTheProtocolHasOne(string path)
    {
        _options = o => o.Protocol = new() { Unauthorized = new("signed-out", reason => reason.ToString()) };
        await using var app = await StartAsync(Cookie);
        await SignInAsync(app, Cookie);
        await using var stream = await app.ListenAsync(path);

        app.Time.Advance(Lifetime + Tick);

        (await stream.NextAsync()).Should().Match<TestEvent>(last => last.Event == "signed-out" && last.Data == "Expired");
        await stream.ExpectEndAsync();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/typed")]
    [InlineData("/mvc")]
    [InlineData(Channel)]
    public async Task Token_OfTheClockSkew_Is401BeforeAByteOfAStream(string path)
    {
        await using var app = await StartAsync(Jwt);
        Authorize(app, TokenThatEnds(app, TimeSpan.FromMinutes(-1)));

        using var stream = await app.OpenAsync(path);

        stream.Response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        stream.Response.Headers.WwwAuthenticate.ToString().Should().Be("Bearer error=\"invalid_token\"");
        (await stream.ReadToEndAsync()).Should().Be("The authentication of this request has expired. Sign in again.");
        _sources.Count.Should().BeLessThanOrEqualTo(1, "a handler makes its result, and nothing reads the source");
    }

    [Fact(Timeout = 30_000)]
    public async Task Channel_ThatDoesNotExist_IsNotToldToAnExpiredToken()
    {
        await using var app = await StartAsync(Jwt);
        Authorize(app, TokenThatEnds(app, TimeSpan.FromMinutes(-1)));

        using var stream = await app.OpenAsync("/rooms/none");

        stream.Response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/late")]
    [InlineData("/blocking")]
    public async Task Source_YieldsAfterTheExpiry_MessageIsDropped(string path)
    {
        await using var app = await StartAsync(Cookie);
        await SignInAsync(app, Cookie);
        await using var stream = await app.ListenAsync(path);
        (await stream.NextAsync()).Data.Should().Be("first");
        if (path == "/blocking") await _late.Blocks.OrFail();

        app.Time.Advance(Lifetime + 2 * Tick);
        _late.Release();

        await stream.ExpectEndAsync();
        stream.Body.Should().NotContain("too late");
    }

    [Fact(Timeout = 30_000)]
    public async Task Policy_WithASchemeOfItsOwn_ItsExpiryCounts()
    {
        await using var app = await StartAsync(defaultScheme: "Header");
        await SignInAsync(app, Cookie);
        await using var stream = await app.ListenAsync("/cookie");

        app.Time.Advance(Lifetime + Tick);

        await stream.ExpectEndAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task Ticket_ExpiresAfterMaxLifetime_LifetimeEndsTheStream()
    {
        _options = o => o.MaxLifetime = TimeSpan.FromSeconds(5);
        await using var app = await StartAsync(Cookie);
        await SignInAsync(app, Cookie);
        await using var stream = await app.ListenAsync("/typed");

        await app.Time.AdvanceAsync(TimeSpan.FromSeconds(6));

        await stream.ExpectEndAsync();
        await Soon.Until(() => app.Log.Entries.Any(entry => entry.Message.EndsWith("ended: LifetimeReached.")));
    }

    [Fact(Timeout = 30_000)]
    public async Task CloseOnAuthenticationExpiration_Off_StreamOutlivesItsTicket()
    {
        _options = o => o.CloseOnAuthenticationExpiration = false;
        await using var app = await StartAsync(Cookie);
        await SignInAsync(app, Cookie);
        await using var stream = await app.ListenAsync("/typed");

        await app.Time.AdvanceAsync(2 * Lifetime);
        await SendAsync(app, "/typed", "still here");

        (await stream.NextAsync()).Data.Should().Be("still here");
    }

    [Fact(Timeout = 30_000)]
    public async Task Endpoint_ForAnonymousUsers_IgnoresTheExpiry()
    {
        await using var app = await StartAsync(Jwt);
        Authorize(app, TokenThatEnds(app, TimeSpan.FromMinutes(-1)));

        using var stream = await app.OpenAsync("/open");

        stream.Response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact(Timeout = 30_000)]
    public async Task Request_WithoutATicket_StreamHasNoExpiry()
    {
        await using var app = await StartAsync(Cookie);
        await using var stream = await app.ListenAsync("/open");

        await app.Time.AdvanceAsync(2 * Lifetime);
        await SendAsync(app, "/open", "still here");

        (await stream.NextAsync()).Data.Should().Be("still here");
    }

    private async Task SendAsync(TestApp app, string path, string data)
    {
        if (path == Channel) await app.App.Services.GetRequiredService<IEventStreamPublisher>().PublishAsync("prices", data);
        else (_source ??= await _sources.NextAsync()).Send(new() { Data = data });
    }

    private static async Task SignInAsync(TestApp app, string scheme)
    {
        if (scheme == Jwt)
        {
            Authorize(app, TokenThatEnds(app, Lifetime));
            return;
        }

        using var answer = await app.Client.GetAsync($"/sign-in?scheme={scheme}").OrFail();
        answer.EnsureSuccessStatusCode();
        if (scheme == Bearer) Authorize(app, (await answer.Content.ReadFromJsonAsync<JsonObject>())!["accessToken"]!.GetValue<string>());
    }

    private static void Authorize(TestApp app, string token) => app.Client.DefaultRequestHeaders.Authorization = new("Bearer", token);

    private static string TokenThatEnds(TestApp app, TimeSpan after)
    {
        var now = app.App.Services.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Subject = new([new("sub", "ann")]),
            NotBefore = now.AddHours(-1),
            Expires = now + after,
            SigningCredentials = new(Key, SecurityAlgorithms.HmacSha256),
        });
    }

    private Task<TestApp> StartAsync(string defaultScheme) => TestApp.StartAsync(
        app =>
        {
            app.UseAuthentication();
            app.UseAuthorization();
            app.MapGet("/sign-in", (string scheme) => TypedResults.SignIn(User(scheme), authenticationScheme: scheme)).AllowAnonymous();
            app.MapGet("/open", () => TypedResults.EventStream(_sources.Open())).AllowAnonymous();
            app.MapGet("/cookie", () => TypedResults.EventStream(_sources.Open()))
                .RequireAuthorization(policy => policy.AddAuthenticationSchemes(Cookie).RequireAuthenticatedUser());
            app.MapGet("/late", () => TypedResults.EventStream(OverdueSource.WhenCancelled()));
            app.MapGet("/blocking", () => TypedResults.EventStream(_late.AfterABlock()));
            app.MapEventStream(Channel, "prices");
            app.MapEventStream("/rooms/{room}", "rooms/{room}");
            app.MapStreams(_sources);
        },
        services =>
        {
            var time = (FakeTime)services.Single(service => service.ServiceType == typeof(TimeProvider)).ImplementationInstance!;
            services.AddSingleton<TimeProvider>(new TimeFromNow(time));
            services.AddStreams(_sources);
            services.AddEventStreams(o =>
                {
                    o.DrainRetry = DrainRetry;
                    _options?.Invoke(o);
                })
                .AddChannel("prices", c => c.InMemory = true).AddChannel("rooms/{room}");
            services.AddDataProtection().UseEphemeralDataProtectionProvider();
            services.AddAuthentication(defaultScheme)
                .AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>("Header", null)
                .AddCookie(o => o.ExpireTimeSpan = Lifetime)
                .AddBearerToken(o => o.BearerTokenExpiration = Lifetime)
                .AddJwtBearer(o => o.TokenValidationParameters = new()
                {
                    IssuerSigningKey = Key,
                    ValidateIssuer = false,
                    ValidateAudience = false,
                });
            services.AddAuthorizationBuilder().AddFallbackPolicy("known", policy => policy.RequireAuthenticatedUser());
        });

    private static ClaimsPrincipal User(string scheme) => new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, "ann")], scheme));
}
