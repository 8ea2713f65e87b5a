using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>Who may subscribe: a policy of the channel's own, asked for each channel, with its name as the resource.</summary>
public abstract class AuthorizationTests(Kept kept) : ChannelTests(kept)
{
    [Theory(Timeout = 30_000)]
    [InlineData("/staff", null, HttpStatusCode.Unauthorized)]
    [InlineData("/staff", "guest", HttpStatusCode.Forbidden)]
    [InlineData("/staff", "staff", HttpStatusCode.OK)]
    [InlineData("/news", null, HttpStatusCode.OK)]
    [InlineData("/several?channel=news&channel=staff", "guest", HttpStatusCode.Forbidden)]
    [InlineData("/several?channel=staff&channel=news", "guest", HttpStatusCode.Forbidden)]
    [InlineData("/several?channel=news&channel=staff", "staff", HttpStatusCode.OK)]
    [InlineData("/rooms/ann", "ann", HttpStatusCode.OK)]
    [InlineData("/rooms/ann", "ben", HttpStatusCode.Forbidden)]
    public async Task Policy_OfAChannel_DecidesByUserAndName(string path, string? role, HttpStatusCode status)
    {
        await using var app = await StartRoomsAsync();

        using var stream = await OpenAsync(app, path, role);

        stream.Response.StatusCode.Should().Be(status);
        if (status != HttpStatusCode.OK) (await stream.ReadToEndAsync()).Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/rooms/ann", null)]
    [InlineData("/rooms/ann", "ben")]
    [InlineData("/several?channel=rooms/ben&channel=rooms/ann", "ben")]
    public async Task Policy_Refuses_NoChannelOfAPatternIsMade(string path, string? role)
    {
        await using var app = await StartRoomsAsync();

        using var stream = await OpenAsync(app, path, role);

        stream.Response.StatusCode.Should().NotBe(HttpStatusCode.OK);
        app.Hub().Channels.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Policy_OfTheEndpoint_AppliesInAnyCase()
    {
        await using var app = await StartRoomsAsync();

        using var refused = await OpenAsync(app, "/guarded", null);
        using var allowed = await OpenAsync(app, "/guarded", "anybody");

        refused.Response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        allowed.Response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact(Timeout = 30_000)]
    public async Task Policy_HasAllowed_NothingOfItsCheckLastsAsLongAsTheStream()
    {
        Task? answer = null;
        await using var app = await StartRoomsAsync(staff => staff.Add(endpoint =>
        {
            var handler = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context => answer = handler(context);
        }));

        using var stream = await OpenAsync(app, "/staff-only", "staff");
        await stream.ReadPositionAsync();

        // The first bytes may have arrived before the handler has returned.
        await Soon.Until(() => Volatile.Read(ref answer) is not null);
        answer!.IsCompleted.Should().BeFalse();
        answer.GetType().ToString().Should().Contain("StreamSession", "a state machine around it is memory of each stream");
    }

    [Fact(Timeout = 30_000)]
    public async Task Policy_WithoutAuthorization_ErrorNamesWhatToCall()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("staff", c => c.AuthorizationPolicy = "staff"));

        using var stream = await app.OpenAsync("/staff");

        stream.Response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle().Which.Exception!.Message.Should().Contain("AddAuthorization");
    }

    private static Task<StreamReading> OpenAsync(TestApp app, string path, string? role) => app.OpenAsync(path, change: request =>
    {
        if (role is not null) request.Headers.Add("X-Role", role);
    });

    private Task<TestApp> StartRoomsAsync(Action<IEndpointConventionBuilder>? staff = null) => StartAsync(
        channels => channels
            .AddChannel("news")
            .AddChannel("staff", c => c.AuthorizationPolicy = "staff")
            .AddChannel("rooms/{owner}", c => (c.AuthorizationPolicy, c.CreateOnSubscribe) = ("owner", true)),
        app =>
        {
            app.UseAuthentication();
            app.UseAuthorization();
            app.MapEventStream("/guarded", "news").RequireAuthorization();
            staff?.Invoke(app.MapEventStream("/staff-only", "staff"));
        },
        services: services =>
        {
            HeaderAuthentication.AddTo(services);
            services.AddAuthorizationBuilder()
                .AddPolicy("staff", policy => policy.RequireRole("staff"))
                .AddPolicy(
                    "owner",
                    policy => policy.RequireAssertion(
                        context => context.Resource is string name && context.User.IsInRole(name["rooms/".Length..])));
        });

    public sealed class InMemory() : AuthorizationTests(Kept.InMemory);

    public sealed class InALog() : AuthorizationTests(Kept.InALog);

    public sealed class BeyondMemory() : AuthorizationTests(Kept.BeyondMemory);
}
