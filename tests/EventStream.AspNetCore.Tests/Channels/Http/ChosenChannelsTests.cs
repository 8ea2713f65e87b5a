using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Mvc;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>Channels that the client chooses: what it gets wrong is its own fault, and no error of the app's.</summary>
public abstract class ChosenChannelsTests(Kept kept) : ChannelTests(kept)
{
    private const string Six = "c=1&c=2&c=3&c=4&c=5&c=6";
    private const string TooMany = "One stream has at most 5 channels, and the subscription names 6. Open another stream for the others.";
    private const string None = "The subscription names no channel. Name from 1 to 5.";
    private const string Empty = "The name of a channel is empty.";

    public static IEnumerable<string> Entries => ["/mapped", "/results", "/typed", "/extensions", "/mvc", "/looked-up"];

    public static TheoryData<string, string, string> BadChoices
    {
        get
        {
            TheoryData<string, string, string> rows = [];
            foreach (var entry in Entries)
            {
                rows.Add(entry, Six, TooMany);
                rows.Add(entry, "", None);
                rows.Add(entry, "c=", Empty);
                rows.Add(entry, "c=1&c=", Empty);
            }

            return rows;
        }
    }

    public static TheoryData<string, string> Strangers
    {
        get
        {
            TheoryData<string, string> rows = [];
            foreach (var entry in Entries)
            {
                rows.Add(entry, "c=1&c=unknown/name");
                rows.Add(entry, "c=" + new string('x', 257));
                rows.Add(entry, "c=a%0Ab");
                rows.Add(entry, "c=$nodes");
            }

            return rows;
        }
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(BadChoices))]
    public async Task Choice_ThatNoConnectionCanFollow_400WithTheReasonAndNothingIsMade(string entry, string query, string reason)
    {
        await using var app = await StartAnyAsync();

        using var stream = await app.OpenAsync($"{entry}?{query}");

        stream.Response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        stream.Header("Content-Type").Should().Be("text/plain; charset=utf-8");
        (await stream.ReadToEndAsync()).Should().Be(reason);
        app.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
        app.Hub().Channels.Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Strangers))]
    public async Task Choice_NameThatNoChannelHas_404AndNothingIsMade(string entry, string query)
    {
        await using var app = await StartAnyAsync();

        using var stream = await app.OpenAsync($"{entry}?{query}");

        stream.Response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        app.Hub().Channels.Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/mapped")]
    [InlineData("/typed")]
    public async Task Choice_SixNamesOfWhichTwoAreTheSame_AreFive(string entry)
    {
        await using var app = await StartAnyAsync();

        using var stream = await app.OpenAsync($"{entry}?c=1&c=2&c=3&c=4&c=5&c=5");

        (await stream.ReadPositionAsync()).Split(',').Should().HaveCount(5);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("application/json", "application/problem+json")]
    [InlineData("*/*", "application/problem+json")]
    [InlineData("text/event-stream", "text/plain; charset=utf-8")]
    public async Task Choice_AppHasProblemDetails_AreTheAnswerForAClientThatTakesThem(string accept, string contentType)
    {
        await using var app = await StartAnyAsync(services => services.AddProblemDetails(o =>
            o.CustomizeProblemDetails = problem => problem.ProblemDetails.Extensions["by"] = "the app"));

        using var stream = await app.OpenAsync($"/mapped?{Six}", change: request =>
        {
            request.Headers.Accept.Clear();
            request.Headers.Accept.ParseAdd(accept);
        });

        stream.Response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        stream.Header("Content-Type").Should().Be(contentType);
        var body = await stream.ReadToEndAsync();
        body.Should().Contain(TooMany);
        body.Contains("\"by\":\"the app\"").Should().Be(contentType != "text/plain; charset=utf-8");
    }

    [Fact(Timeout = 30_000)]
    public async Task Positions_TwoOfThem_AreTheSameProblem()
    {
        await using var app = await StartAnyAsync(services => services.AddProblemDetails());

        using var stream = await app.OpenAsync("/mapped?c=1&after=a&after=b", change: request => request.Headers.Accept.Clear());

        stream.Response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        stream.Header("Content-Type").Should().Be("application/problem+json");
        (await stream.ReadToEndAsync()).Should().Contain("The query parameter after was sent 2 times. Send it once.");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/mapped")]
    [InlineData("/results")]
    [InlineData("/typed")]
    [InlineData("/extensions")]
    [InlineData("/mvc")]
    [InlineData("/looked-up")]
    public async Task Choice_Good_StreamsAndResumes(string entry)
    {
        await using var app = await StartAnyAsync();
        var (a, b) = (await app.GetChannel("1").SayManyAsync(2), await app.GetChannel("2").SayManyAsync(1));

        using var stream = await app.OpenAsync($"{entry}?c=1&c=2", $"{a[1]},{b[0]}");
        foreach (var name in (string[])["1", "2"]) await app.GetChannel(name).CompleteAsync();
        await stream.ShouldEndWithAsync(Frame($"{a[2]},{b[0]}", "m2") + Frame($"{a[2]},{b[1]}", "m1") + End($"{a[2]},{b[1]}"));

        using var again = await app.OpenAsync($"{entry}?c=1&c=2", $"{a[2]},{b[1]}.end");
        again.Response.StatusCode.Should().Be(HttpStatusCode.NoContent);
    }

    [Fact(Timeout = 30_000)]
    public async Task Result_OfASubscription_AsksThePolicyAndOnUnknown()
    {
        await using var app = await StartAsync(
            channels => channels
                .AddChannel("staff", c => c.AuthorizationPolicy = "staff")
                .AddChannel("orders/{id}", c => c.OnUnknown = (_, name) => Results.Text($"no {name}", statusCode: 410)),
            app =>
            {
                app.UseAuthentication().UseAuthorization();
                app.MapGet("/result/{**name}", (string name) => TypedResults.EventStream(name));
            },
            services: services =>
            {
                HeaderAuthentication.AddTo(services);
                services.AddAuthorizationBuilder().AddPolicy("staff", policy => policy.RequireRole("staff"));
            });

        using var anonymous = await app.OpenAsync("/result/staff");
        using var guest = await app.OpenAsync("/result/staff", change: request => request.Headers.Add("X-Role", "guest"));
        using var staff = await app.OpenAsync("/result/staff", change: request => request.Headers.Add("X-Role", "staff"));
        using var unknown = await app.OpenAsync("/result/orders/7");

        anonymous.Response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        guest.Response.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        staff.Response.StatusCode.Should().Be(HttpStatusCode.OK);
        unknown.Response.StatusCode.Should().Be(HttpStatusCode.Gone);
        await unknown.ShouldEndWithAsync("no orders/7");
    }

    [Fact(Timeout = 30_000)]
    public async Task Result_OfASubscriptionWithoutChannelsInTheApp_NamesWhatToCall()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream("news")));

        using var stream = await app.OpenAsync("/");

        stream.Response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle().Which.Exception!.Message.Should().Contain("AddEventStreams()");
    }

    private Task<TestApp> StartAnyAsync(Action<IServiceCollection>? services = null) => StartAsync(
        channels => channels.AddChannel("{number}", c => c.CreateOnSubscribe = true),
        app =>
        {
            app.MapEventStream("/mapped", context => new EventStreamSubscription(context.Request.Query["c"]));
            app.MapGet("/results", (HttpContext context) => Results.EventStream(new EventStreamSubscription(context.Request.Query["c"])));
            app.MapGet("/typed", (string[] c) => TypedResults.EventStream(new EventStreamSubscription(c)));
            app.MapGet("/extensions", (string[] c) => Results.Extensions.EventStream(new EventStreamSubscription(c)));
            app.MapGet("/looked-up", async (string[] c) =>
            {
                await Task.Yield();
                return TypedResults.EventStream(new EventStreamSubscription(c));
            });
            app.MapControllers();
        },
        options => options.LastEventIdQueryParameter = "after",
        collection =>
        {
            collection.AddController<ChosenController>();
            services?.Invoke(collection);
        });

    [Route("mvc")]
    public sealed class ChosenController : ControllerBase
    {
        [HttpGet]
        public EventStreamResult Get() => new(new EventStreamSubscription(Request.Query["c"]));
    }

    public sealed class InMemory() : ChosenChannelsTests(Kept.InMemory);

    public sealed class InALog() : ChosenChannelsTests(Kept.InALog);

    public sealed class BeyondMemory() : ChosenChannelsTests(Kept.BeyondMemory);
}
