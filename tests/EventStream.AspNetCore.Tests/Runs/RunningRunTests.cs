using System.Net;
using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Runs;

/// <summary><c>Results.EventStreamRun</c>: the run of a channel if it is running, and otherwise 204.</summary>
public abstract class RunningRunTests(Kept kept) : ChannelTests(kept)
{
    private readonly bool _isInMemory = kept == Kept.InMemory;
    private readonly DrivenSource _source = new();

    [Theory(Timeout = 30_000)]
    [InlineData("/running")]
    [InlineData("/typed-running")]
    [InlineData("/older-running")]
    public async Task Request_RunIsRunning_GetsItFromItsBeginningOrItsPosition(string path)
    {
        await using var app = await StartRunsAsync();
        var ids = await StartAndSayAsync(app);

        await using var stream = await app.ListenAsync(path);
        await using var resumed = await app.ListenAsync(path, ids[0]);

        (await stream.CollectAsync(2)).Should().Equal(Event(ids[0], "m1"), Event(ids[1], "m2"));
        (await resumed.NextAsync()).Should().Be(Event(ids[1], "m2"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Request_NoRun_204AndNoChannelIsCreated()
    {
        await using var app = await StartRunsAsync();

        using var answer = await app.OpenAsync("/running");

        answer.Response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        app.Hub().Channels.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Request_RunIsOver_204ExceptForAClientInTheMiddle()
    {
        await using var app = await StartRunsAsync();
        var ids = await StartAndSayAsync(app);
        _source.Finish();
        while ((await app.Hub().GetRunAsync("answers/1"))!.State == EventStreamRunState.Running) await Task.Yield();

        using var fresh = await app.OpenAsync("/running");
        using var ofAnEarlierHistory = await app.OpenAsync("/running", ids[0][..3] + "000000-1");
        using var ended = await app.OpenAsync("/running", ids[1] + ".end");
        await using var inTheMiddle = await app.ListenAsync("/running", ids[0]);

        fresh.Response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        ofAnEarlierHistory.Response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        ended.Response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await inTheMiddle.CollectToEndAsync()).Should().Equal(Event(ids[1], "m2"), EndEvent(ids[1]));
    }

    [Fact(Timeout = 30_000)]
    public async Task Request_RunHasFailed_ClientInTheMiddleIsNotToldThatItHasEverything()
    {
        await using var app = await StartRunsAsync();
        var ids = await StartAndSayAsync(app);
        _source.Throw(new InvalidTimeZoneException());
        while ((await app.Hub().GetRunAsync("answers/1"))!.State == EventStreamRunState.Running) await Task.Yield();

        using var fresh = await app.OpenAsync("/running");
        fresh.Response.StatusCode.Should().Be(HttpStatusCode.NoContent);

        // A channel in memory is dropped with its failed run.
        if (_isInMemory) return;
        await using var inTheMiddle = await app.ListenAsync("/running", ids[0]);
        (await inTheMiddle.NextAsync()).Should().Be(Event(ids[1], "m2"));
        await inTheMiddle.NextRetryAsync();
        await app.Time.AdvanceAsync(TimeSpan.FromSeconds(1));
        await inTheMiddle.ExpectCutAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task Readers_RunFailsAndOnErrorEndsTheirStreams_OneEntryHasTheException()
    {
        await using var app = await StartRunsAsync();
        var ids = await StartAndSayAsync(app);
        await using var first = await app.ListenAsync("/running-with-error");
        await using var second = await app.ListenAsync("/running-with-error");
        await first.CollectAsync(2);
        await second.CollectAsync(2);

        _source.Throw(new InvalidTimeZoneException());

        (await first.NextAsync()).Data.Should().Be("failed");
        (await second.NextAsync()).Data.Should().Be("failed");
        await Soon.Until(() => app.Log.Entries.Count(entry => entry.Id == 59) == 2);
        app.Log.AtLeast(LogLevel.Warning).Should().ContainSingle().Which.Message.Should().Contain("answers/1");
    }

    [Fact(Timeout = 30_000)]
    public async Task Request_UserWithoutTheRight_IsRefused()
    {
        await using var app = await StartRunsAsync();

        using var answer = await app.OpenAsync("/staff-running");
        using var unknown = await app.OpenAsync("/unknown-running");

        answer.Response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        unknown.Response.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    private async Task<string[]> StartAndSayAsync(TestApp app)
    {
        await app.Hub().Run("answers/1", (_, stop) => _source.Messages(stop)).StartAsync(CancellationToken.None);
        _source.Send(new() { Data = "m1" });
        _source.Send(new() { Data = "m2" });
        var position = await app.GetChannel("answers/1").GetNewestAsync();
        while (position.Sequence < 2) position = await app.GetChannel("answers/1").GetNewestAsync();
        var epoch = position.ToString()[..9];
        return [$"{epoch}-1", $"{epoch}-2"];
    }

    private Task<TestApp> StartRunsAsync() => StartAsync(
        channels => channels.AddChannel("answers/{id}").AddChannel("staff/{id}", c => c.AuthorizationPolicy = "staff"),
        app =>
        {
            app.UseAuthentication().UseAuthorization();
            app.MapGet("/running", () => Results.EventStreamRun("answers/1"));
            app.MapGet("/typed-running", () => TypedResults.EventStreamRun("answers/1"));
            app.MapGet("/older-running", () => Results.Extensions.EventStreamRun("answers/1"));
            app.MapGet(
                "/running-with-error",
                () => Results.EventStreamRun(
                    "answers/1", configure: o => o.OnError = _ => EventStreamErrorAction.EndWith(new() { Data = "failed" })));
            app.MapGet("/staff-running", () => Results.EventStreamRun("staff/1"));
            app.MapGet("/unknown-running", () => Results.EventStreamRun("unknown"));
        },
        services: services =>
        {
            HeaderAuthentication.AddTo(services);
            services.AddAuthorizationBuilder().AddPolicy("staff", policy => policy.RequireRole("staff"));
        });

    public sealed class InMemory() : RunningRunTests(Kept.InMemory);

    public sealed class InALog() : RunningRunTests(Kept.InALog);
}
