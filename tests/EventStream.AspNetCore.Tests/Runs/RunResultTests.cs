using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Pipeline;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Runs;

/// <summary>A result that streams a run: when the run is started, and what becomes of the request if it does not start.</summary>
public sealed class RunResultTests
{
    private const string RetryAlone = @"\Aretry: \d+\n\z";

    private readonly List<bool> _starts = [];
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory(Timeout = 30_000)]
    [InlineData("/run")]
    [InlineData("/function")]
    [InlineData("/typed")]
    [InlineData("/older")]
    [InlineData("/slow")]
    public async Task Request_NoPosition_StartsTheRunAndStreamsIt(string path)
    {
        await using var app = await StartAsync();
        var opening = app.ListenAsync(path);
        await Soon.Until(() => _starts.Count == 1);
        _started.SetResult();

        await using var stream = await opening;
        await stream.NextPositionAsync();
        var id = await app.GetChannel("answers/1").SayAsync("one");

        (await stream.NextAsync()).Should().Be(Event(id, "one"));
        _starts.Should().Equal(true);
    }

    [Fact(Timeout = 30_000)]
    public async Task Head_StartsNothing()
    {
        await using var app = await StartAsync();

        using var answer = await app.AskAsync(HttpMethod.Head, "/run", "text/event-stream");

        answer.Header("Content-Type").Should().Be("text/event-stream");
        _starts.Should().BeEmpty();
        app.Hub().Channels.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Limit_OfItsChannelIsReached_StartsNothing()
    {
        await using var app = await StartAsync(o => o.MaxSubscribersPerChannel = 1);
        using var first = await app.OpenAsync("/channel");
        await first.ReadPositionAsync();

        using var refused = await app.OpenAsync("/run");

        (await refused.ReadToEndAsync()).Should().MatchRegex(RetryAlone);
        _starts.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Limit_OfItsUserIsReached_StartsNothing()
    {
        await using var app = await StartAsync(o => o.MaxStreamsPerUser = 1);
        using var first = await app.OpenAsync("/of-ann");
        await first.ReadPositionAsync();
        _starts.Clear();

        using var refused = await app.OpenAsync("/of-ann");

        (await refused.ReadToEndAsync()).Should().MatchRegex(RetryAlone);
        _starts.Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/unavailable", HttpStatusCode.OK)]
    [InlineData("/broken", HttpStatusCode.InternalServerError)]
    [InlineData("/broken-at-once", HttpStatusCode.InternalServerError)]
    public async Task Start_Fails_IsAnsweredAndThePermitIsReturned(string path, HttpStatusCode status)
    {
        await using var app = await StartAsync(o => o.MaxStreams = 1);

        using (var failed = await app.OpenAsync(path))
        {
            failed.Response.StatusCode.Should().Be(status);
            if (status == HttpStatusCode.OK) (await failed.ReadToEndAsync()).Should().MatchRegex(RetryAlone);
        }

        await Soon.Until(() => app.Limits().Available == 1);
        app.Hub().Channels.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Start_LogIsUnavailable_ClientThatIsNoBrowserGets503()
    {
        await using var app = await StartAsync();

        using var answer = await app.AskAsync("/unavailable", "*/*");

        answer.Response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        answer.Header("Retry-After").Should().NotBeNull();
        app.Log.Entries.Should().ContainSingle(entry => entry.Id == 18);
    }

    [Fact(Timeout = 30_000)]
    public async Task Start_ClientLeaves_RunIsStartedAndThePermitIsReturned()
    {
        await using var app = await StartAsync(o => o.MaxStreams = 1);
        using var leaving = new CancellationTokenSource();
        var opening = app.Client.GetAsync("/slow", HttpCompletionOption.ResponseHeadersRead, leaving.Token);
        await Soon.Until(() => _starts.Count == 1);
        await leaving.CancelAsync();
        await opening.Invoking(opened => opened).Should().ThrowAsync<OperationCanceledException>();

        await app.AdvanceUntilAsync(Soon.Until(() => app.Limits().Available == 1), TimeSpan.FromSeconds(1));

        _starts.Should().HaveCount(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_WhileItStarts_StreamEndsWithoutAMessage()
    {
        await using var app = await StartAsync();
        var opening = app.OpenAsync("/slow");
        await Soon.Until(() => _starts.Count == 1);
        await app.Hub().DisconnectAsync(new EventStreamSelector { Channel = "answers/1" });
        await app.GetChannel("answers/1").SayAsync("secret");
        _started.SetResult();

        using var stream = await opening;

        (await stream.ReadToEndAsync()).Should().MatchRegex(RetryAlone);
    }

    [Fact(Timeout = 30_000)]
    public async Task Position_OfAClientThatReconnects_RunMayNotRestart()
    {
        await using var app = await StartAsync();
        var ids = await app.GetChannel("answers/1").SayManyAsync(2);

        await using var first = await app.ListenAsync("/run");
        await using var again = await app.ListenAsync("/run", ids[1]);
        (await again.NextAsync()).Should().Be(Event(ids[2], "m2"));
        await using var ofAnEarlierHistory = await app.ListenAsync("/run", ids[1][..3] + "000000-7");

        _starts.Should().Equal(true, false, false);
    }

    [Fact(Timeout = 30_000)]
    public async Task EndMark_ChannelIsGone_204AndNothingStarts()
    {
        await using var app = await StartAsync();

        using var answer = await app.OpenAsync("/run", "123456789-7.end");

        answer.Response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        _starts.Should().BeEmpty();
        app.Hub().Channels.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task EndMark_OfThePresentHistory_204AndNothingStarts()
    {
        await using var app = await StartAsync();
        var ids = await app.GetChannel("answers/1").SayManyAsync(2);
        await app.GetChannel("answers/1").CompleteAsync();

        using var answer = await app.OpenAsync("/run", ids[2] + ".end");

        answer.Response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        _starts.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task EndMark_OfAnotherHistory_JoinsThePresentOneFromItsBeginning()
    {
        await using var app = await StartAsync();
        var ids = await app.GetChannel("answers/1").SayManyAsync(2);

        await using var stream = await app.ListenAsync("/run", ids[1][..3] + "000000-7.end");

        (await stream.CollectAsync(2)).Should().Equal(Event(ids[1], "m1"), Event(ids[2], "m2"));
        _starts.Should().Equal([false], "a run that is over must not start again");
    }

    [Fact(Timeout = 30_000)]
    public async Task Function_ReturnsNull_IsAnErrorThatSaysWhatToReturn()
    {
        await using var app = await StartAsync();

        using var answer = await app.OpenAsync("/null");

        answer.Response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle().Which.Exception!.Message.Should().Contain("hub.Run");
    }

    private Task<TestApp> StartAsync(Action<EventStreamLimitOptions>? limits = null) => Channels.Http.ChannelApp.StartAsync(
        channels =>
        {
            channels.AddChannel("answers/{id}", c => c.CreateOnSubscribe = true);
            if (limits is not null) channels.AddLimits(limits);
        },
        app =>
        {
            app.MapMethods("/run", ["GET", "HEAD"], (EventStreamHub hub) => Results.EventStream(RunOf(hub)));
            app.MapGet("/function", (EventStreamHub hub) => Results.EventStream(() => RunOf(hub)));
            app.MapGet("/typed", (EventStreamHub hub) => TypedResults.EventStream(() => RunOf(hub)));
            app.MapGet("/older", (EventStreamHub hub) => Results.Extensions.EventStream(RunOf(hub)));
            app.MapGet("/slow", (EventStreamHub hub) => Results.EventStream(RunOf(hub, () => _started.Task)));
            app.MapGet("/of-ann", (EventStreamHub hub) => Results.EventStream(RunOf(hub), new() { User = "ann" }));
            app.MapGet("/unavailable", (EventStreamHub hub) => Results.EventStream(RunOf(hub, async () =>
            {
                await Task.Yield();
                throw new EventStreamLogException("the log is gone") { IsTransient = true };
            })));
            app.MapGet("/broken", (EventStreamHub hub) => Results.EventStream(RunOf(hub, async () =>
            {
                await Task.Yield();
                throw new InvalidTimeZoneException();
            })));
            app.MapGet(
                "/broken-at-once",
                (EventStreamHub hub) => Results.EventStream(RunOf(hub, () => throw new InvalidTimeZoneException())));
            app.MapGet("/null", () => Results.EventStream(() => (EventStreamRunRequest)null!));
            app.MapEventStream("/channel", "answers/1");
        });

    private DrivenRun RunOf(EventStreamHub hub, Func<Task>? starting = null) =>
        new(hub, "answers/1") { Starts = _starts, Starting = starting ?? (() => Task.CompletedTask) };
}
