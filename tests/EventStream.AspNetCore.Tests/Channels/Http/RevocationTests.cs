using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Logs;
using EventStream.AspNetCore.Tests.Runs;
using Microsoft.AspNetCore.Mvc;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>A user whose rights end while a stream is being opened with them.</summary>
public abstract class RevocationTests(Kept kept) : ChannelTests(kept)
{
    private const string EndOfDisconnected = @"\Aevent: signed-out\ndata: Disconnected\n\nretry: \d+\n\z";

    private readonly Rights _rights = new();

    [Theory(Timeout = 30_000)]
    [InlineData("/guarded")]
    [InlineData("/granted")]
    [InlineData("/several?channel=news&channel=granted")]
    [InlineData("/several?channel=granted&channel=news")]
    [InlineData("/handler")]
    [InlineData("/typed")]
    [InlineData("/deferred")]
    [InlineData("/subscription")]
    [InlineData("/as-ann")]
    [InlineData("/run")]
    [InlineData("/action")]
    [InlineData("/room/granted")]
    [InlineData("/subscribe")]
    [InlineData("/plain")]
    [InlineData("/guarded-plain")]
    public async Task Disconnect_AfterTheRightsWereRead_StreamEndsWithoutAMessage(string path)
    {
        await using var app = await StartRightsAsync();
        var opening = OpenAsync(app, path);
        await _rights.WereRead.OrFail();

        _rights.AreGranted = false;
        await app.Hub().DisconnectAsync("ann");
        await PublishSecretAsync(app);
        _rights.Answer();

        using var stream = await opening.OrFail();
        stream.Response.StatusCode.Should().Be(System.Net.HttpStatusCode.OK);
        (await stream.ReadToEndAsync()).Should().MatchRegex(EndOfDisconnected);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/guarded")]
    [InlineData("/handler")]
    public async Task Disconnect_AnotherUserAfterTheRightsWereRead_StreamContinues(string path)
    {
        await using var app = await StartRightsAsync();
        var opening = OpenAsync(app, path);
        await _rights.WereRead.OrFail();

        await app.Hub().DisconnectAsync("Ann");
        _rights.Answer();

        using var stream = await opening.OrFail();
        await stream.ReadPositionAsync();
        var id = await app.GetChannel("news").SayAsync("for ann");
        await stream.ShouldBringAsync(Frame(id, "for ann"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_BeforeTheRequestCame_IsDroppedAlsoOnTheSameConnection()
    {
        await using var app = await StartRightsAsync();
        _rights.Answer();
        using (var ended = await OpenAsync(app, "/guarded"))
        {
            await ended.ReadPositionAsync();
            await app.Hub().DisconnectAsync("ann");
            (await ended.ReadToEndAsync()).Should().MatchRegex(EndOfDisconnected);
        }

        // The server keeps a connection's features, and the client a connection whose response it has read to the end.
        using var again = await OpenAsync(app, "/guarded");

        await again.ReadPositionAsync();
        var id = await app.GetChannel("news").SayAsync("for ann");
        await again.ShouldBringAsync(Frame(id, "for ann"));
    }

    private static Task<StreamReading> OpenAsync(TestApp app, string path) =>
        app.OpenAsync(path, change: request => request.Headers.Add("X-User", "ann"));

    // If the stream wrongly continued, it would have the secret when it ends.
    private static async Task PublishSecretAsync(TestApp app)
    {
        foreach (var channel in (string[])["news", "granted", "run/1", "room/granted"])
        {
            await app.Hub().PublishAsync(channel, "secret");
            await app.GetChannel(channel).CompleteAsync();
        }
    }

    private async Task<TestApp> StartRightsAsync() => await StartAsync(
        channels => channels
            .AddChannel("news", c => c.Start = EventStreamStart.Oldest)
            .AddChannel("granted", c => (c.AuthorizationPolicy, c.Start) = ("granted", EventStreamStart.Oldest))
            .AddChannel("room/{name}", c => (c.AuthorizationPolicy, c.Start) = ("granted", EventStreamStart.Oldest))
            .AddChannel("run/{id}", c => (c.InMemory, c.Start) = (true, EventStreamStart.Oldest)),
        app =>
        {
            app.UseRouting().UseAuthentication().UseAuthorization();
            app.MapEventStream("/guarded", "news").RequireAuthorization("granted");
            app.MapGet("/handler", async (EventStreamHub hub) =>
                await _rights.AskAsync() ? Results.EventStream(hub.GetChannel("news")) : Results.Forbid());
            app.MapGet("/typed", async (EventStreamHub hub) =>
            {
                await _rights.AskAsync();
                return TypedResults.EventStream(hub.GetChannel("news"));
            });
            app.MapGet("/deferred", async (EventStreamHub hub) =>
                await _rights.AskAsync() ? Results.EventStream(() => new DrivenRun(hub, "news")) : Results.Forbid());
            app.MapGet("/subscription", () => Results.EventStream("granted"));
            app.MapEventStream("/as-ann", _ => new EventStreamSubscription("news") { User = "ann" }).RequireAuthorization("granted");
            app.MapGet("/run", async (EventStreamHub hub) =>
                await _rights.AskAsync()
                    ? Results.EventStream(() => hub.Run("run/1", (_, stop) => Silent.Forever(stop)))
                    : Results.Forbid());
            app.MapEventStream("/subscribe", context =>
            {
                context.Request.HttpContext.RequestServices.GetRequiredService<Rights>().AskAsync().Wait();
                return "news";
            });
            app.MapGet("/plain", async () =>
            {
                await _rights.AskAsync();
                return TypedResults.EventStream(Secrets());
            });
            app.MapGet("/guarded-plain", () => TypedResults.EventStream(Secrets())).RequireAuthorization("granted");
            app.MapControllers();

            static async IAsyncEnumerable<EventStreamMessage> Secrets()
            {
                yield return new() { Data = "secret" };
                await Task.Yield();
            }
        },
        services: services =>
        {
            HeaderAuthentication.AddTo(services);
            _rights.AddTo(services);
            services.Configure<EventStreamOptions>(o => o.Protocol = NamedUsers.SaysWhy);
            services.AddController<RoomController>();
        });

    [ApiController]
    public sealed class RoomController(EventStreamHub hub, Rights rights) : ControllerBase
    {
        [HttpGet("/action")]
        public async Task<EventStreamResult> Get()
        {
            await rights.AskAsync();
            return new(hub.GetChannel("news"));
        }
    }

    public sealed class InMemory() : RevocationTests(Kept.InMemory);

    public sealed class InALog() : RevocationTests(Kept.InALog);

    public sealed class BeyondMemory() : RevocationTests(Kept.BeyondMemory);
}
