using System.Net;
using EventStream.Testing.Tests.Infrastructure;

namespace EventStream.Testing.Tests;

/// <summary>What a developer reads when a test fails, to the letter.</summary>
public sealed class FailureTests
{
    [Fact(Timeout = 30_000)]
    public async Task Open_AnswerThatTheClientDoesNotDecode_NamesTheEncoding()
    {
        await using var app = await AppUnderTest.StartAsync(app => app.MapGet("/", context =>
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.WriteAsync("data: a\n\n");
        }));

        var failure = await app.Client.Invoking(client => client.OpenEventStreamAsync("/")).Should().ThrowAsync<EventStreamTestException>();

        failure.Which.Message.Should().StartWith(
            "Expected the answer 200 text/event-stream, but it is 200 text/event-stream with Content-Encoding 'gzip', which the client "
            + "does not decode.");
    }

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    [Fact(Timeout = 30_000)]
    public Task NextAsync_NothingComes_ShowsTheWire() =>
        ShouldFailAsync("retry: 5\n\n: hi\r\nid: 7\ndata: a\0b", endless: true, stream => stream.NextAsync(), """
            Expected the next event within 50 ms, but it did not arrive.
            The wire so far:
            > GET /
            < 200 text/event-stream
            | retry: 5␊
            | ␊
            | : hi␍␊
            | id: 7␊
            | data: a␀b
            """);

    [Fact(Timeout = 30_000)]
    public Task NextAsync_StreamEnds_ReportsIt() => ShouldFailAsync("data: a", endless: false, stream => stream.NextAsync(), """
        Expected the next event, but the stream ended with an unfinished event, which was discarded.
        The wire so far:
        > GET /
        < 200 text/event-stream
        | data: a
        < the end
        """);

    [Fact(Timeout = 30_000)]
    public Task NextCommentAsync_AnEventComes_ShowsIt() =>
        ShouldFailAsync("event: price\ndata: 1\n\n", endless: true, stream => stream.NextCommentAsync(), """
            Expected a comment, but an event came: price, data '1'.
            The wire so far:
            > GET /
            < 200 text/event-stream
            | event: price␊
            | data: 1␊
            | ␊
            """);

    [Fact(Timeout = 30_000)]
    public Task NextRetryAsync_StreamEnds_ReportsIt() => ShouldFailAsync(":\n\n", endless: false, stream => stream.NextRetryAsync(), """
        Expected a retry, but the stream ended.
        The wire so far:
        > GET /
        < 200 text/event-stream
        | :␊
        | ␊
        < the end
        """);

    [Fact(Timeout = 30_000)]
    public Task NextAsync_NoJson_ShowsTheData() => ShouldFailAsync("data: {\n\n", endless: true, stream => stream.NextAsync<Price>(), """
        Expected JSON of Price, but the data is '{': *
        The wire so far:
        > GET /
        < 200 text/event-stream
        | data: {␊
        | ␊
        """);

    [Fact(Timeout = 30_000)]
    public Task ExpectSilence_AnEventComes_ShowsIt() =>
        ShouldFailAsync(": passed over\n\ndata: x\n\n", endless: true, stream => stream.ExpectSilenceAsync(TimeSpan.FromSeconds(30)), """
            Expected silence of 30 s, but an event came: message, data 'x'.
            The wire so far:
            > GET /
            < 200 text/event-stream
            | : passed over␊
            | ␊
            | data: x␊
            | ␊
            """);

    [Fact(Timeout = 30_000)]
    public Task ExpectSilence_ACommentThatIsNotAllowed_ShowsIt() =>
        ShouldFailAsync(": no\n", endless: true, stream => stream.ExpectSilenceAsync(TimeSpan.FromSeconds(30), allowComments: false), """
            Expected silence of 30 s, but a comment came: ' no'.
            The wire so far:
            > GET /
            < 200 text/event-stream
            | : no␊
            """);

    [Fact(Timeout = 30_000)]
    public Task ExpectEnd_AnEventComes_ShowsIt() => ShouldFailAsync("data: x\n\n", endless: false, stream => stream.ExpectEndAsync(), """
        Expected a clean end, but an event came: message, data 'x'.
        The wire so far:
        > GET /
        < 200 text/event-stream
        | data: x␊
        | ␊
        < the end
        """);

    [Fact(Timeout = 30_000)]
    public Task ExpectEnd_WithinAnEvent_ReportsIt() => ShouldFailAsync("id: 7\n", endless: false, stream => stream.ExpectEndAsync(), """
        Expected a clean end, but the stream ended with an unfinished event, which was discarded.
        The wire so far:
        > GET /
        < 200 text/event-stream
        | id: 7␊
        < the end
        """);

    [Fact(Timeout = 30_000)]
    public Task ExpectEnd_Cut_ReportsIt() => ShouldFailAsync("data: x\n\n", endless: true, stream => stream.ExpectEndAsync(), """
        Expected a clean end, but the stream was cut: HttpIOException: The response ended prematurely: the test cut it. (ResponseEnded).
        The wire so far:
        > GET /
        < 200 text/event-stream
        | dat
        < cut: HttpIOException: The response ended prematurely: the test cut it. (ResponseEnded)
        """, Fault.CutAfter(3));

    [Fact(Timeout = 30_000)]
    public Task ExpectCut_CleanEnd_ReportsIt() => ShouldFailAsync("", endless: false, stream => stream.ExpectCutAsync(), """
        Expected a cut, but the stream ended.
        The wire so far:
        > GET /
        < 200 text/event-stream
        < the end
        """);

    [Fact(Timeout = 30_000)]
    public async Task NextAsync_ClockDoesNotMove_NamesAdvanceAsyncAndTheTimes()
    {
        await using var app = await AppUnderTest.StartAsync(
            app => app.MapGet(
                "/",
                () => Results.EventStream(Silent.Forever(), o => (o.Retry, o.KeepAlive) = (null, EventStreamKeepAlive.Event("ping")))));
        var options = new TestEventSourceOptions { Time = app.Time, LastEventId = "41" };
        await using var stream = await app.Client.OpenEventStreamAsync("/", options);
        await app.Time.AdvanceAsync(TimeSpan.FromSeconds(15.25));
        await stream.NextAsync();
        options.Timeout = Short;

        var failure = (await stream.Invoking(it => it.NextAsync()).Should().ThrowAsync<EventStreamTestException>()).Which;

        failure.Message.Should().Match("""
            Expected the next event within 50 ms, but it did not arrive.
            The clock stands still at +00:00:15.250. Call AdvanceAsync for work that waits for time to pass.
            The wire so far:
            +00:00:00.000 > GET /, Last-Event-ID: 41
            +00:00:00.000 < 200 text/event-stream
            +00:00:1?.?00 | event: ping␊
            +00:00:1?.?00 | data: ␊
            +00:00:1?.?00 | ␊
            """);
    }

    [Fact(Timeout = 30_000)]
    public async Task Open_WrongStatus_ShowsTheAnswer()
    {
        await using var app = await AppUnderTest.StartAsync(app => app.MapGet("/", () => Results.Text("no stock", statusCode: 503)));

        var opening = () => app.Client.OpenEventStreamAsync("/");

        (await opening.Should().ThrowAsync<EventStreamTestException>()).Which.Message.Should().Be("""
            Expected the answer 200 text/event-stream, but it is 503 text/plain; charset=utf-8.
            The wire so far:
            > GET /
            < 503 text/plain; charset=utf-8
            | no stock
            """);
    }

    [Fact(Timeout = 30_000)]
    public async Task Open_WrongType_ShowsTheAnswer()
    {
        await using var app = await AppUnderTest.StartAsync(app => app.MapGet("/", () => TypedResults.Ok(new[] { 1 })));

        var opening = () => app.Client.OpenEventStreamAsync("/");

        (await opening.Should().ThrowAsync<EventStreamTestException>()).Which.Message.Should().Be("""
            Expected the answer 200 text/event-stream, but it is 200 application/json; charset=utf-8.
            The wire so far:
            > GET /
            < 200 application/json; charset=utf-8
            | [1]
            """);
    }

    [Fact(Timeout = 30_000)]
    public async Task Open_StreamInsteadOfTheExpectedRefusal_ShowsTheAnswer()
    {
        await using var app = await AppUnderTest.StartAsync(
            app => app.MapGet("/", () => Results.EventStream(Silent.Forever(), o => o.Retry = TimeSpan.FromMilliseconds(1))));

        var opening = () => app.Client.OpenEventStreamAsync("/", new() { ExpectedStatus = HttpStatusCode.NoContent });

        (await opening.Should().ThrowAsync<EventStreamTestException>()).Which.Message.Should().Match("""
            Expected the answer 204, but it is 200 text/event-stream.
            The wire so far:
            > GET /
            < 200 text/event-stream
            | retry: ?␊
            """);
    }

    [Fact(Timeout = 30_000)]
    public async Task Open_NoHeaders_ReportsIt()
    {
        await using var app = await AppUnderTest.StartAsync(
            app => app.MapGet("/", async context => await Task.Delay(Timeout.Infinite, context.RequestAborted)));

        var opening = () => app.Client.OpenEventStreamAsync("/", new() { Timeout = Short });

        (await opening.Should().ThrowAsync<EventStreamTestException>()).Which.Message.Should().Be("""
            Expected an answer within 50 ms, but none came.
            The wire so far:
            > GET /
            """);
    }

    [Fact(Timeout = 30_000)]
    public async Task Open_NoServerListens_ReportsIt()
    {
        await using var app = await AppUnderTest.StartAsync(_ => { });
        using var client = app.CreateClient(new FaultHandler().Plan(Fault.Refuse()));

        var opening = () => client.OpenEventStreamAsync("/");

        (await opening.Should().ThrowAsync<EventStreamTestException>()).Which.Message.Should().Be("""
            Expected an answer, but there is none: HttpRequestException: Connection refused: a fault of the test.
            The wire so far:
            > GET /
            < no answer: HttpRequestException: Connection refused: a fault of the test.
            """);
    }

    [Fact(Timeout = 30_000)]
    public async Task Open_AppThrows_ShowsIt()
    {
        await using var app = await AppUnderTest.StartAsync(
            app => app.MapGet("/", IResult () => throw new InvalidTimeZoneException("no such zone")));

        var opening = () => app.Client.OpenEventStreamAsync("/");

        var failure = (await opening.Should().ThrowAsync<EventStreamTestException>()).Which;
        failure.InnerException.Should().BeOfType<InvalidTimeZoneException>();
        failure.Message.Should().Be("""
            Expected an answer, but there is none: InvalidTimeZoneException: no such zone.
            The wire so far:
            > GET /
            < no answer: InvalidTimeZoneException: no such zone
            """);
    }

    [Fact(Timeout = 30_000)]
    public async Task Open_ClientsOwnTimeout_IsNotTakenForTheStreams()
    {
        await using var app = await AppUnderTest.StartAsync(
            app => app.MapGet("/", async context => await Task.Delay(Timeout.Infinite, context.RequestAborted)));
        app.Client.Timeout = Short;

        var opening = () => app.Client.OpenEventStreamAsync("/");

        (await opening.Should().ThrowAsync<EventStreamTestException>()).Which.Message.Should().StartWith(
            "Expected an answer, but there is none: TaskCanceledException: ").And.Contain("HttpClient.Timeout");
    }

    [Fact(Timeout = 30_000)]
    public async Task Open_ExpectedRefusal_IsNoStream()
    {
        await using var app = await AppUnderTest.StartAsync(app => app.MapGet("/", () => Results.Text("no", statusCode: 401)));
        await using var stream = await app.Client.OpenEventStreamAsync("/", new() { ExpectedStatus = HttpStatusCode.Unauthorized });

        (await stream.Response.Content.ReadAsStringAsync()).Should().Be("no");
        (await stream.Invoking(it => it.NextAsync()).Should().ThrowAsync<EventStreamTestException>())
            .Which.Message.Should().StartWith("Expected the next event, but the answer was no stream.\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Wire_Long_IsShortened()
    {
        await using var app = await AppUnderTest.StartAsync(
            app => app.MapGet(
                "/",
                () => Results.EventStream(Numbered.Messages(1, 100).Prepend(new() { Data = new string('x', 300) }), o => o.Retry = null)));
        await using var stream = await app.Client.OpenEventStreamAsync("/");
        await stream.CollectToEndAsync();

        var lines = stream.Wire.Split('\n');

        lines.Should().HaveCount(81);
        lines[2].Should().Be($"| data: {new string('x', 194)}… and 107 characters more");
        lines[20].Should().Be("… 225 lines …");
        lines[^1].Should().Be("< the end");
    }

    private static async Task ShouldFailAsync(
        string body, bool endless, Func<TestEventSource, Task> act, string message, Fault? fault = null)
    {
        await using var app = await AppUnderTest.StartAsync(app => app.MapGet("/", async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(body);
            await context.Response.Body.FlushAsync();
            if (endless) await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }));
        using var client = app.CreateClient(new FaultHandler { Otherwise = fault ?? Fault.None });
        var options = new TestEventSourceOptions { Timeout = Soon.Limit };
        await using var stream = await client.OpenEventStreamAsync("/", options);
        await Soon.Until(() => stream.Body.Length >= (fault is null ? body.Length : 3) && (endless || stream.Wire.EndsWith("the end")));
        if (message.Contains("50 ms")) options.Timeout = Short;

        var failure = (await FluentActions.Awaiting(() => act(stream)).Should().ThrowAsync<EventStreamTestException>()).Which;

        failure.Message.Should().Match(message);
    }
}
