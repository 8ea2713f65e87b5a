using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Responses;

public sealed class FaultTests
{
    private const string ThreeMessages = "id: 0\ndata: message 0\n\nid: 1\ndata: message 1\n\nid: 2\ndata: message 2\n\n";

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SourceThrows_AfterThreeMessages_AllArriveTheCutIsVisibleOneErrorIsLogged(bool http2)
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(ThreeThenThrow())), http2: http2);
        await using var stream = await app.ListenAsync("/");

        (await stream.CollectAsync(3)).ShouldBeConsecutive(first: 0);
        (await stream.NextRetryAsync()).TotalMilliseconds.Should().BeInRange(3000, 4500);
        await app.AdvanceUntilAsync(stream.ExpectCutAsync(), TimeSpan.FromSeconds(1));
        stream.Body.Should().MatchRegex($@"\Aretry: \d+\n{ThreeMessages}retry: \d+\n\z");

        await Soon.Until(() => app.Log.AtLeast(LogLevel.Error).Any());
        app.Log.AtLeast(LogLevel.Warning).Should().ContainSingle().Which.Exception.Should().BeOfType<InvalidTimeZoneException>();
    }

    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SourceThrows_RightAfterAMessage_NoMessageIsLost(bool http2)
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(ThreeThenThrow())), http2: http2);

        for (var round = 0; round < 50; round++)
        {
            using var stream = await app.OpenAsync("/");
            await stream.ReadRetryAsync();
            (await stream.ReadAsync(ThreeMessages)).Should().Be(ThreeMessages, "round {0}", round);
            await app.AdvanceUntilAsync(Task.WhenAny(stream.ReadToEndAsync()), TimeSpan.FromSeconds(1));
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task SourceThrows_AgainAndAgain_WaitDoublesUpToAMinute()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(ThreeThenThrow())));
        List<int> waits = [];
        for (var round = 0; round < 8; round++)
        {
            await using var stream = await app.ListenAsync("/");
            await stream.CollectAsync(3);
            waits.Add((int)(await stream.NextRetryAsync()).TotalMilliseconds);
        }

        waits[0].Should().BeInRange(3000, 4500);
        waits[1].Should().BeInRange(6000, 9000);
        waits[2].Should().BeInRange(12000, 18000);
        waits.Should().OnlyContain(wait => wait <= 60_000);
        waits[^1].Should().BeInRange(54_000, 60_000);
    }

    [Fact(Timeout = 30_000)]
    public async Task SourceThrows_BeforeItsFirstAwait_OrdinaryErrorOfTheRequest()
    {
        await using var app = await TestApp.StartAsync(app =>
        {
            app.UseExceptionHandler(error => error.Run(context => context.Response.WriteAsync("handled")));
            app.UseRouting();
            app.MapGet("/source", () => Results.EventStream(ThrowAtOnce()));
            app.MapGet("/function", () => Results.EventStream(Function));
        });

        foreach (var path in new[] { "/source", "/function" })
        {
            using var response = await app.Client.GetAsync(path).OrFail();
            response.StatusCode.Should().Be(System.Net.HttpStatusCode.InternalServerError);
            (await response.Content.ReadAsStringAsync()).Should().Be("handled");
        }

        static IAsyncEnumerable<EventStreamMessage> Function(string? lastEventId) => throw new InvalidTimeZoneException();
    }

    [Fact(Timeout = 30_000)]
    public async Task OnError_EndWith_LastMessageAndACleanEnd()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(
            ThreeThenThrow(),
            o => o.OnError = error => EventStreamErrorAction.EndWith(new() { Event = "failed", Data = $"after {error.LastEventId}" }))));

        using var stream = await app.OpenAsync("/");

        (await stream.ReadMessagesToEndAsync()).Should().Be(ThreeMessages + "event: failed\ndata: after 2\n\n");
        app.Log.AtLeast(LogLevel.Warning).Should().ContainSingle().Which.Level.Should().Be(LogLevel.Warning);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SourceThrows_AfterItToldItsClients_CleanEndAfterItsOwnLastMessage(bool http2)
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", () => Results.EventStream(
                ThreeThenThrow().WithLastMessage(_ => new() { Event = "failed", Data = "sorry" }))),
            http2: http2);

        using var stream = await app.OpenAsync("/");

        (await stream.ReadToEndAsync()).Should().MatchRegex(
            $@"\Aretry: \d+\n{ThreeMessages}event: failed\ndata: sorry\n\nretry: \d+\n\z");
        var entry = app.Log.AtLeast(LogLevel.Warning).Should().ContainSingle().Which;
        (entry.Level, entry.Id, entry.Exception!.InnerException).Should().Match<(LogLevel Level, int Id, Exception? Inner)>(
            each => each.Level == LogLevel.Warning && each.Id == 5 && each.Inner is InvalidTimeZoneException);
    }

    [Fact(Timeout = 30_000)]
    public async Task SourceThrows_AfterItToldItsClients_OnErrorDecides()
    {
        await using var app = await TestApp.StartAsync(app =>
        {
            app.MapGet("/ends", () => Told(_ => EventStreamErrorAction.EndWith(new() { Data = "bye" })));
            app.MapGet("/faults", () => Told(_ => EventStreamErrorAction.Fault));
        });
        using var ends = await app.OpenAsync("/ends");
        using var faults = await app.OpenAsync("/faults");

        (await ends.ReadMessagesToEndAsync()).Should().Be(ThreeMessages + "data: sorry\n\ndata: bye\n\n");
        await FluentActions.Awaiting(faults.ReadToEndAsync).Should().ThrowAsync<IOException>();

        static IResult Told(Func<EventStreamError, EventStreamErrorAction> onError) => Results.EventStream(
            ThreeThenThrow().WithLastMessage(_ => new() { Data = "sorry" }), o => o.OnError = onError);
    }

    [Fact(Timeout = 30_000)]
    public async Task OnError_Skip_LeavesOutTheOneMessageAndAdvancesTheId()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(
            WithPoison(),
            o => o.OnError = error => error.CanSkip ? EventStreamErrorAction.Skip : EventStreamErrorAction.Fault)));

        using var stream = await app.OpenAsync("/");

        (await stream.ReadMessagesToEndAsync()).Should().Be("id: 1\ndata: \"fine\"\n\nid: 2\n\nid: 3\ndata: \"fine\"\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task OnError_AfterASkip_IsAskedAboutTheSourceAsWell()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(
            PoisonThenThrow(),
            o => o.OnError = error => error.CanSkip
                ? EventStreamErrorAction.Skip
                : EventStreamErrorAction.EndWith(new() { Data = "failed" }))));

        using var stream = await app.OpenAsync("/");

        (await stream.ReadMessagesToEndAsync()).Should().Be("id: 1\ndata: \"fine\"\n\nid: 2\n\nid: 3\ndata: \"fine\"\n\ndata: failed\n\n");

        static async IAsyncEnumerable<EventStreamMessage> PoisonThenThrow()
        {
            await foreach (var message in WithPoison()) yield return message;
            throw new InvalidTimeZoneException();
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task OnError_EndWithAtAFirstMessageThatIsReadyAtOnce_LastMessageAndACleanEnd()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(
            PoisonAtOnce(),
            o => o.OnError = _ => EventStreamErrorAction.EndWith(new() { Data = "failed" }))));

        using var stream = await app.OpenAsync("/");

        ((int)stream.Response.StatusCode).Should().Be(200);
        (await stream.ReadMessagesToEndAsync()).Should().Be("data: failed\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task OnError_LastMessageCannotBeWritten_TheFaultItselfReachesTheServer()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(
            ThreeThenThrow(),
            o => o.OnError = _ => EventStreamErrorAction.EndWith(EventStreamMessage.Json(new Poison())))));
        using var stream = await app.OpenAsync("/");

        var reading = () => stream.ReadToEndAsync();

        await reading.Should().ThrowAsync<IOException>();
        await Soon.Until(() => app.Log.AtLeast(LogLevel.Error).Any(entry => entry.Exception?.Message == "secret"));
    }

    [Fact(Timeout = 30_000)]
    public async Task FirstMessage_CannotBeWrittenAndTheSourceIgnoresItsToken_RequestFailsAnyway()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(DeafInItsFinally())));

        var sending = app.Client.GetAsync("/");
        await app.AdvanceUntilAsync(sending, TimeSpan.FromMilliseconds(500));

        using var response = await sending;
        ((int)response.StatusCode).Should().Be(500);

        static async IAsyncEnumerable<EventStreamMessage> DeafInItsFinally()
        {
            try
            {
                yield return EventStreamMessage.Json(new Poison());
            }
            finally
            {
                await new TaskCompletionSource().Task;
            }
        }
    }

    /// <summary>A source is given up only in a stream whose end is decided.</summary>
    [Fact(Timeout = 30_000)]
    public async Task OnStarting_ThrowsWhileTheSourceIgnoresItsToken_RequestFailsAndTheSourceIsAbandoned()
    {
        var goOn = new TaskCompletionSource();
        var isOver = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", (HttpContext context) =>
        {
            context.Response.OnStarting(() => throw new InvalidTimeZoneException());
            return Results.EventStream(Deaf());
        }));

        var sending = app.Client.GetAsync("/");
        await app.AdvanceUntilAsync(sending, TimeSpan.FromMilliseconds(500));

        using var response = await sending;
        ((int)response.StatusCode).Should().Be(500);
        isOver.Task.IsCompleted.Should().BeFalse("its first step has not returned");
        goOn.SetResult();
        await isOver.Task.OrFail();

        async IAsyncEnumerable<EventStreamMessage> Deaf()
        {
            try
            {
                await goOn.Task;
                yield break;
            }
            finally
            {
                isOver.SetResult();
            }
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task KeepAlive_BodyOfAMiddlewareThrows_SourceIsStillStopped()
    {
        var source = new DrivenSource();
        var breaks = false;
        await using var app = await TestApp.StartAsync(app =>
        {
            app.Use(async (HttpContext context, RequestDelegate next) =>
            {
                context.Response.Body = new BreakingStream(context.Response.Body, () => breaks);
                await next(context);
            });
            app.UseRouting();
            app.MapGet("/", () => Results.EventStream(source.Messages()));
        });
        using var stream = await app.OpenAsync("/");
        await stream.ReadRetryAsync();

        breaks = true;
        app.Time.Advance(TimeSpan.FromSeconds(15));

        await source.Cancelled.OrFail();
        await source.Ended.OrFail();
        await Soon.Until(() => app.Log.AtLeast(LogLevel.Error).Any(entry => entry.Exception is InvalidTimeZoneException));
    }

    [Fact(Timeout = 30_000)]
    public async Task OnError_ThrowsItself_IsAFault()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(
            ThreeThenThrow(),
            o => o.OnError = _ => throw new NotSupportedException("second"))));
        using var stream = await app.OpenAsync("/");

        var reading = () => stream.ReadToEndAsync();

        await reading.Should().ThrowAsync<IOException>();
        await Soon.Until(() => app.Log.AtLeast(LogLevel.Error).Count() == 2);
    }

    private static async IAsyncEnumerable<EventStreamMessage> ThreeThenThrow()
    {
        await foreach (var message in Numbered.Messages(0, 3)) yield return message;
        throw new InvalidTimeZoneException("secret");
    }

    private static async IAsyncEnumerable<EventStreamMessage> ThrowAtOnce()
    {
        if (DateTime.UtcNow > DateTime.MinValue) throw new InvalidTimeZoneException("secret");
        await Task.Yield();
        yield break;
    }

    private static async IAsyncEnumerable<EventStreamMessage> WithPoison()
    {
        await Task.Yield();
        yield return EventStreamMessage.Json("fine") with { Id = "1" };
        yield return EventStreamMessage.Json(new Poison()) with { Id = "2" };
        yield return EventStreamMessage.Json("fine") with { Id = "3" };
    }

    private static async IAsyncEnumerable<EventStreamMessage> PoisonAtOnce()
    {
        yield return EventStreamMessage.Json(new Poison()) with { Id = "1" };
        await Task.CompletedTask;
    }

    private sealed class BreakingStream(Stream inner, Func<bool> breaks) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => throw new NotSupportedException();

        public override Task FlushAsync(CancellationToken cancellationToken) =>
            breaks() ? throw new InvalidTimeZoneException() : inner.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(buffer, cancellationToken);
    }

    private sealed class Poison
    {
        public string Value => throw new InvalidTimeZoneException();
    }
}
