using System.Net;
using System.Net.Sockets;
using EventStream.Testing.Tests.Infrastructure;

namespace EventStream.Testing.Tests;

public sealed class ReconnectTests
{
    [Theory(Timeout = 30_000)]
    [InlineData(Hosted.InMemory)]
    [InlineData(Hosted.Http1)]
    public async Task ReconnectAsync_InTheMiddle_AsksForWhatWasReadAndForgetsTheRest(Hosted hosted)
    {
        await using var app = await StartCountingAsync(hosted);
        await using var stream = await app.Client.OpenEventStreamAsync("/");
        var events = new List<TestEvent>(await stream.CollectAsync(2));

        await stream.ReconnectAsync();

        events.AddRange(await stream.CollectAsync(8));
        events.ShouldBeConsecutive(first: 1, last: 10);
        stream.Wire.Should().Contain("> left\n> GET /, Last-Event-ID: 2\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task ReconnectAsync_WithAClock_WaitsForTheRetryOnIt()
    {
        await using var app = await AppUnderTest.StartAsync(app => app.MapGet("/", () => Results.EventStream(Silent.Forever())));
        await using var stream = await app.Client.OpenEventStreamAsync("/", new() { Time = app.Time });
        var retry = await stream.NextRetryAsync();

        await stream.ReconnectAsync();

        app.Time.Elapsed.Should().Be(retry);
    }

    [Fact(Timeout = 30_000)]
    public async Task ReconnectAsync_AfterTheEndMark_204()
    {
        await using var app = await AppUnderTest.StartAsync(
            app => app.MapGet(
                "/", () => Results.EventStream(Numbered.Messages(1, 1), o => o.EndOfStream = new() { Event = "end", Data = "end" })));
        await using var stream = await app.Client.OpenEventStreamAsync("/");
        await stream.CollectToEndAsync();

        await stream.ReconnectAsync(HttpStatusCode.NoContent);

        stream.Response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await stream.Invoking(it => it.ReconnectAsync()).Should().ThrowAsync<EventStreamTestException>())
            .Which.Message.Should().StartWith("Expected the answer 200 text/event-stream, but it is 204 without a content type.\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Reconnects_AfterCutEndAndRefusedConnection_NothingMissingThenStopsAt204()
    {
        await using var app = await StartCountingAsync();
        var faults = new FaultHandler(app.Time).Plan(Fault.CutAfter(60)).Plan(Fault.Refuse()).Plan(Fault.None)
            .Plan(Fault.Answer(HttpStatusCode.NoContent));
        using var client = app.CreateClient(faults);
        await using var stream = await client.OpenEventStreamAsync("/", new() { Time = app.Time, Reconnects = true });
        var began = app.Time.GetUtcNow();

        await app.Time.AdvanceAsync(TimeSpan.FromSeconds(3));
        faults.Connections.Should().HaveCount(2);
        await app.Time.AdvanceAsync(TimeSpan.FromSeconds(3));
        faults.Connections.Should().HaveCount(3);

        (await stream.CollectAsync(10)).ShouldBeConsecutive(first: 1, last: 10);
        faults.Connections.Select(connection => (connection.LastEventId, connection.At - began))
            .Should().Equal((null, default), ("2", TimeSpan.FromSeconds(3)), ("2", TimeSpan.FromSeconds(6)));
        faults.Connections[^1].Cut();
        await app.Time.AdvanceAsync(TimeSpan.FromSeconds(3));
        (await stream.Invoking(it => it.NextAsync()).Should().ThrowAsync<EventStreamTestException>())
            .Which.Message.Should().StartWith("Expected the next event, but the answer was no stream.\n");
        stream.Wire.Should().EndWith("+00:00:09.000 > GET /, Last-Event-ID: 10\n+00:00:09.000 < 204 without a content type");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(typeof(HttpRequestException))]
    [InlineData(typeof(SocketException))]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(TimeoutException))]
    [InlineData(typeof(TaskCanceledException))]
    [InlineData(typeof(RejectedByAHandlerException))]
    public async Task Reconnects_NoAnswer_IsOnTheWireAndTriedAgain(Type exception)
    {
        await using var app = await StartEndingAsync();
        using var client = app.CreateClient(new Failing((Exception)Activator.CreateInstance(exception)!));
        await using var stream = await client.OpenEventStreamAsync("/", new() { Time = app.Time, Reconnects = true });
        await stream.NextAsync();

        await Soon.Until(() =>
        {
            app.Time.Advance(TimeSpan.FromSeconds(3));
            return stream.Wire.Split("< 200").Length > 2;
        });

        await stream.ExpectReconnectAsync();
        stream.Wire.Should().Contain($"< no answer: {exception.Name}: ");
    }

    [Fact(Timeout = 30_000)]
    public async Task Reconnects_NoAnswerInTime_TheFailureHasTheLastException()
    {
        await using var app = await StartEndingAsync();
        using var client = app.CreateClient(new Failing(new RejectedByAHandlerException()));
        var options = new TestEventSourceOptions { Time = app.Time, Reconnects = true };
        await using var stream = await client.OpenEventStreamAsync("/", options);
        await stream.NextAsync();
        await Soon.Until(() =>
        {
            // The last one alone: an attempt after it would have an answer.
            if (!stream.Wire.Contains("no answer")) app.Time.Advance(TimeSpan.FromSeconds(1));
            return stream.Wire.Contains("no answer");
        });
        options.Timeout = TimeSpan.FromSeconds(0.5);

        var failure = (await stream.Invoking(it => it.NextAsync()).Should().ThrowAsync<EventStreamTestException>()).Which;

        failure.Message.Should().StartWith(
            "Expected the next event within 500 ms, but it did not arrive, and the last attempt had no answer: "
            + "RejectedByAHandlerException: ");
        failure.InnerException.Should().BeOfType<RejectedByAHandlerException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Reconnects_NoAnswerThatAnotherAttemptWouldBring_TheTestSeesTheCause()
    {
        await using var app = await StartEndingAsync();
        using var client = app.CreateClient(new Failing(new HttpRequestException(HttpRequestError.VersionNegotiationError)));
        await using var stream = await client.OpenEventStreamAsync("/", new() { Time = app.Time, Reconnects = true });
        await stream.NextAsync();

        await Soon.Until(() =>
        {
            app.Time.Advance(TimeSpan.FromSeconds(3));
            return stream.Wire.Contains("no answer");
        });

        (await stream.Invoking(it => it.NextAsync()).Should().ThrowAsync<EventStreamTestException>())
            .Which.Message.Should().StartWith("Expected the next event, but there was no answer: HttpRequestException: ");
    }

    [Fact(Timeout = 30_000)]
    public async Task Reconnects_AppThrows_TheTestSeesTheCauseAndDisposalIsQuiet()
    {
        await using var app = await StartEndingAsync();
        using var client = app.CreateClient(new Failing(new InvalidTimeZoneException("no such zone")));
        await using var stream = await client.OpenEventStreamAsync("/", new() { Time = app.Time, Reconnects = true });
        await stream.NextAsync();

        await Soon.Until(() =>
        {
            app.Time.Advance(TimeSpan.FromSeconds(3));
            return stream.Wire.Contains("no answer");
        });

        (await stream.Invoking(it => it.NextAsync()).Should().ThrowAsync<EventStreamTestException>()).Which.Message.Should().StartWith(
            "Expected the next event, but there was no answer: InvalidTimeZoneException: no such zone.\n");
        stream.Wire.Should().EndWith("< no answer: InvalidTimeZoneException: no such zone");
        await stream.Invoking(it => it.DisposeAsync().AsTask()).Should().NotThrowAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task Reconnects_RetryOfZeroAndNoServerListens_ATenthOfASecondApart()
    {
        await using var app = await AppUnderTest.StartAsync(
            app => app.MapGet("/", () => Results.Text("retry: 0\n\n", "text/event-stream")));
        var faults = new FaultHandler(app.Time) { Otherwise = Fault.Refuse() }.Plan(Fault.None);
        using var client = app.CreateClient(faults);
        await using var stream = await client.OpenEventStreamAsync("/", new() { Time = app.Time, Reconnects = true });
        await stream.ExpectEndAsync();

        await Soon.Until(() =>
        {
            app.Time.Advance(TimeSpan.FromMilliseconds(50));
            return faults.Connections.Count > 10;
        });

        var times = faults.Connections.Take(10).Select(connection => connection.At).ToList();
        times.Zip(times.Skip(1), (earlier, later) => later - earlier)
            .Should().OnlyContain(pause => pause >= TimeSpan.FromMilliseconds(100));
    }

    [Fact(Timeout = 30_000)]
    public async Task ExpectReconnectAsync_AnEventComesFirst_ShowsIt()
    {
        await using var app = await StartCountingAsync();
        await using var stream = await app.Client.OpenEventStreamAsync("/", new() { Time = app.Time, Reconnects = true });

        (await stream.Invoking(it => it.ExpectReconnectAsync()).Should().ThrowAsync<EventStreamTestException>())
            .Which.Message.Should().StartWith("Expected a reconnect, but an event came: message, data 'message 1'.\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task ReconnectAsync_OfAStreamThatDoesItItself_IsRefused()
    {
        await using var app = await StartCountingAsync();
        await using var stream = await app.Client.OpenEventStreamAsync("/", new() { Reconnects = true });

        (await stream.Invoking(it => it.ReconnectAsync()).Should().ThrowAsync<InvalidOperationException>())
            .WithMessage("*Call ExpectReconnectAsync*");
    }

    /// <summary>As a resilience handler throws.</summary>
    private sealed class RejectedByAHandlerException : Exception;

    /// <summary>An endpoint that sends one message, and ends.</summary>
    private static Task<AppUnderTest> StartEndingAsync() =>
        AppUnderTest.StartAsync(app => app.MapGet("/", () => Results.EventStream(Numbered.Messages(1, 1), o => o.Retry = null)));

    /// <summary>An endpoint that counts to ten from the position on, and stays open.</summary>
    private static Task<AppUnderTest> StartCountingAsync(Hosted hosted = Hosted.InMemory) => AppUnderTest.StartAsync(
        app => app.MapGet("/", () => Results.EventStream(
            id =>
            {
                var after = id is null ? 0 : int.Parse(id);
                return Numbered.Messages(after + 1, 10 - after).Concat(Silent.Forever());
            },
            o => o.Retry = null)),
        hosted);
}
