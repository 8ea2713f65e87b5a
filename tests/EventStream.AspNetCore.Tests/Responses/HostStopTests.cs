using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Responses;

public sealed class HostStopTests
{
    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HostStops_StreamsAreOpen_EachEndsCleanlyWithItsOwnRetry(bool http2)
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapGet(
                "/", () => Results.EventStream(Silent.Forever(), o => o.DrainRetry = TimeSpan.FromSeconds(100))), http2: http2);
        var streams = new List<StreamReading>();
        for (var i = 0; i < 20; i++) streams.Add(await app.OpenAsync("/"));
        foreach (var stream in streams) await stream.ReadRetryAsync();

        var stopping = app.App.StopAsync();

        List<int> retries = [];
        foreach (var stream in streams)
        {
            retries.Add(await stream.ReadRetryAsync());
            (await stream.ReadToEndAsync()).Should().BeEmpty("the farewell is a lone line, and the end is clean");
        }

        retries.Should().OnlyContain(retry => retry >= 100_000 && retry <= 150_000).And.Subject.Distinct()
            .Should().HaveCountGreaterThan(10);
        await stopping.OrFail();
        app.Log.Entries.Where(entry => entry.Exception is not null && entry.Category.StartsWith("EventStream"))
            .Should().OnlyContain(entry => entry.Exception is OperationCanceledException);
    }

    [Fact(Timeout = 30_000)]
    public async Task HostStops_SourceYieldsALastMessage_ItIsDelivered()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(Goodbye())));
        using var stream = await app.OpenAsync("/");
        await stream.ReadRetryAsync();

        var stopping = app.App.StopAsync();

        (await stream.ReadMessagesToEndAsync()).Should().Be("data: goodbye\n\n");
        await stopping.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task HostStops_SourceIgnoresItsToken_StreamEndsWithItsRetryAndTheHostStops()
    {
        var source = new TokenIgnoringSource();
        await using var app = await TestApp.StartAsync(app => app.MapGet("/deaf", () => Results.EventStream(source.Messages())));
        using var stream = await app.OpenAsync("/deaf");
        await stream.ReadRetryAsync();
        await stream.ReadAsync("id: 1\ndata: before\n\n");

        var stopping = app.App.StopAsync();
        await app.AdvanceUntilAsync(stopping, TimeSpan.FromMilliseconds(500));

        (await stream.ReadRetryAsync()).Should().BeInRange(3000, 4500);
        app.Log.AtLeast(LogLevel.Warning).Should().ContainSingle(entry => entry.Category.StartsWith("EventStream"))
            .Which.Message.Should().Contain("/deaf");
        source.Release();
    }

    [Fact(Timeout = 30_000)]
    public async Task HostStops_WithDrainTimeout_SourceGetsTheSignalAndMayFinish()
    {
        CancellationToken sourceToken = default;
        await using var app = await TestApp.StartAsync(
            app => app.MapGet(
                "/",
                (HttpContext context) => Results.EventStream(
                    _ => Drained(context, token => sourceToken = token), o => o.DrainTimeout = TimeSpan.FromSeconds(10))));
        using var stream = await app.OpenAsync("/");
        await stream.ReadRetryAsync();

        var stopping = app.App.StopAsync();

        (await stream.ReadMessagesToEndAsync()).Should().Be("data: last words\n\n");
        await stopping.OrFail();
        sourceToken.IsCancellationRequested.Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task HostStops_DrainTimeoutPasses_SourceIsCancelled()
    {
        var source = new DrivenSource();
        CancellationToken draining = default;
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", (HttpContext context) =>
        {
            return Results.EventStream(
                _ =>
                {
                    draining = context.Features.Get<IEventStreamFeature>()!.Draining;
                    return source.Messages();
                },
                o => o.DrainTimeout = TimeSpan.FromSeconds(10));
        }));
        using var stream = await app.OpenAsync("/");
        await stream.ReadRetryAsync();

        var stopping = app.App.StopAsync();
        await Soon.Until(() => draining.IsCancellationRequested);
        app.Time.Advance(TimeSpan.FromSeconds(9));
        source.Send(new() { Data = "still here" });
        (await stream.ReadAsync("data: still here\n\n")).Should().Be("data: still here\n\n");
        source.Cancelled.IsCompleted.Should().BeFalse();

        app.Time.Advance(TimeSpan.FromSeconds(1.5));
        await source.Ended.OrFail();
        (await stream.ReadRetryAsync()).Should().BePositive();
        await stopping.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task HostStops_StreamHasNoKeepAliveAndNoLimit_EndsAnyway()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(Silent.Forever(), o =>
        {
            o.KeepAliveInterval = null;
            o.WriteTimeout = null;
        })));
        using var stream = await app.OpenAsync("/");
        await stream.ReadRetryAsync();
        app.Time.Advance(TimeSpan.FromMinutes(1));

        var stopping = app.App.StopAsync();

        (await stream.ReadRetryAsync()).Should().BePositive();
        (await stream.ReadToEndAsync()).Should().BeEmpty();
        await stopping.OrFail();
    }

    [Fact(Timeout = 60_000)]
    public async Task HostStops_ReaderHasStoppedReading_IsCutWithinTheTimeOfASource()
    {
        var isFlooding = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", () => Results.EventStream(Flood(isFlooding), o => o.WriteTimeout = null)));
        using var stream = await app.OpenAsync("/");
        await isFlooding.Task.OrFail();

        var stopping = app.App.StopAsync();
        await app.AdvanceUntilAsync(stopping, TimeSpan.FromMilliseconds(200));

        app.Log.AtLeast(LogLevel.Error).Should().BeEmpty();

        static async IAsyncEnumerable<EventStreamMessage> Flood(TaskCompletionSource isFlooding)
        {
            // More than the buffers of the server, the kernel and the client take together.
            isFlooding.TrySetResult();
            yield return new() { Data = new byte[16_000_000] };
            await Task.Yield();
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task HostStops_CallbackOfTheDrainThrows_IsLoggedAndTheStreamEnds()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", (HttpContext context) => Results.EventStream(
            _ =>
            {
                var draining = context.Features.Get<IEventStreamFeature>()!.Draining;
                draining.Register(() => throw new InvalidTimeZoneException("in the callback"));
                return Drained(context, _ => { });
            },
            o => o.DrainTimeout = TimeSpan.FromSeconds(10))));
        using var stream = await app.OpenAsync("/");
        await stream.ReadRetryAsync();

        var stopping = app.App.StopAsync();

        (await stream.ReadMessagesToEndAsync()).Should().Be("data: last words\n\n");
        await stopping.OrFail();
        await Soon.Until(() => app.Log.Entries.Any(entry => entry.Exception?.ToString().Contains("in the callback") == true));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("text/event-stream", true, 200)]
    [InlineData("*/*", true, 503)]
    [InlineData("text/event-stream", false, 503)]
    public async Task HostStops_NewStreamDuringTheDrain_IsRejectedSoftly(string accept, bool loneLines, int status)
    {
        var inMiddleware = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(app =>
        {
            app.Use(async (HttpContext context, RequestDelegate next) =>
            {
                inMiddleware.SetResult();
                await goOn.Task;
                await next(context);
            });
            app.UseRouting();
            app.MapGet("/", () => Results.EventStream(Silent.Forever(), o => o.Protocol = new() { LoneLines = loneLines }));
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Accept.ParseAdd(accept);
        var sending = app.Client.SendAsync(request);
        await inMiddleware.Task.OrFail();

        var stopping = app.App.StopAsync();
        goOn.SetResult();

        using var response = await sending.OrFail();
        ((int)response.StatusCode).Should().Be(status);
        (await response.Content.ReadAsStringAsync()).Should().MatchRegex(status == 200 ? @"^retry: \d+\n$" : "^$");
        await stopping.OrFail();
    }

    private static async IAsyncEnumerable<EventStreamMessage> Goodbye(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        yield return new() { Data = "goodbye" };
    }

    private static async IAsyncEnumerable<EventStreamMessage> Drained(
        HttpContext context,
        Action<CancellationToken> keep,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        keep(cancellationToken);
        var draining = context.Features.Get<IEventStreamFeature>()!.Draining;
        await Task.Delay(Timeout.Infinite, draining).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        yield return new() { Data = "last words" };
    }
}
