using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>An endpoint of streams that names a policy which does not exist is an error at the app's start.</summary>
public sealed class EndpointPolicyStartTests
{
    private const string Misspelt = "tradres";

    public static TheoryData<string, Action<WebApplication>> Mistakes => new()
    {
        { "HTTP: GET, HEAD /prices", app => app.MapEventStream("/prices", "prices").RequireAuthorization("traders", Misspelt) },
        { "HTTP: GET, HEAD /news", app => app.MapEventStream("/news", _ => "prices").RequireAuthorization(Misspelt) },
        { "HTTP: GET /typed", app => app.MapGet("/typed", [Authorize(Misspelt)] () => TypedResults.EventStream(Silent.Forever())) },
        { "HTTP: GET /any", app => app.MapGet("/any", () => Results.Ok()).WithEventStreamDefaults().RequireAuthorization(Misspelt) },
        { "HTTP: GET /in/group", app => app.MapGroup("/in").RequireAuthorization(Misspelt)
            .MapGet("/group", () => TypedResults.EventStream(Silent.Forever())) },
        { "*MisspeltController.Get*", app => app.MapControllers() },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Mistakes))]
    public async Task Endpoint_NamesAPolicyThatDoesNotExist_AppDoesNotStart(string name, Action<WebApplication> map)
    {
        var starting = () => StartAsync(map);

        await starting.Should().ThrowAsync<InvalidOperationException>().WithMessage(
            $"The endpoint '{name}' requires the policy 'tradres', and the app has no policy of that name. Add it:*AddPolicy(\"tradres\"*");
    }

    [Fact(Timeout = 30_000)]
    public async Task Endpoint_WithoutStreams_NamesAPolicyThatDoesNotExist_AppStarts()
    {
        await using var app = await StartAsync(app =>
        {
            app.MapGet("/ordinary", () => "").RequireAuthorization(Misspelt);
            app.MapEventStream("/prices", "prices").RequireAuthorization("traders");
            app.MapEventStream("/news", "prices").RequireAuthorization();
        });
    }

    private static Task<TestApp> StartAsync(Action<WebApplication> map) => TestApp.StartAsync(map, services =>
    {
        services.AddAuthorizationBuilder().AddPolicy("traders", policy => policy.RequireRole("trader"));
        services.AddEventStreams().AddChannel("prices");
        services.AddController<MisspeltController>();
    });

    [ApiController]
    public sealed class MisspeltController : ControllerBase
    {
        [HttpGet("/action")]
        [Authorize(Misspelt)]
        public EventStreamResult Get() => new(Silent.Forever());
    }
}
