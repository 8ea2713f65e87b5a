using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Responses;

public sealed class KeepAliveTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Silence_OfTheInterval_LoneCommentLineAndNothingLost(bool http2)
    {
        var source = new DrivenSource();
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(source.Messages())), http2: http2);
        await using var stream = await app.ListenAsync("/");

        for (var i = 0; i < 2; i++) await app.AdvanceUntilAsync(stream.NextCommentAsync(), Interval / 10);
        source.Send(new() { Data = "pending" });
        source.Finish();

        await stream.CollectToEndAsync();
        stream.Body.Should().MatchRegex(@"\Aretry: \d+\n(:\n){2,}data: pending\n\n\z");
    }

    [Fact(Timeout = 30_000)]
    public async Task Traffic_WithinTheInterval_NoKeepAlive()
    {
        var source = new DrivenSource();
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(source.Messages())));
        await using var stream = await app.ListenAsync("/");

        for (var i = 0; i < 5; i++)
        {
            await app.Time.AdvanceAsync(Interval / 2);
            source.Send(new() { Data = "tick" });
            await stream.NextAsync();
        }

        source.Finish();
        await stream.ExpectEndAsync();
        stream.Body.Should().MatchRegex(@"\Aretry: \d+\n(data: tick\n\n){5}\z", "each message put the next keep-alive off");
    }

    [Fact(Timeout = 30_000)]
    public async Task Silence_OfASourceThatNeverWaitsAndYieldsNothing_LoneCommentLine()
    {
        using var source = new Restless(new());
        await using var app = await TestApp.StartAsync(app =>
            app.MapGet("/", () => Results.EventStream(source.Messages(), o => o.Retry = null)));
        using var stream = await app.OpenAsync("/");
        var line = stream.ReadLineAsync();

        await app.AdvanceUntilAsync(line, Interval / 10);

        (await line).Should().Be(":\n");
        app.Time.Elapsed.Should().BeGreaterThan(Interval * 0.8);
    }

    [Fact(Timeout = 30_000)]
    public async Task Silence_OfStreamsThatOpenAtOddTimes_KeepAlivesLeaveInStepsOfASecondAndInTime()
    {
        var tick = TimeSpan.FromMilliseconds(100);
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(Silent.Forever())));

        for (var i = 0; i < 3; i++)
        {
            await using var stream = await app.ListenAsync("/");
            var opened = app.Time.Elapsed;
            var comment = stream.NextCommentAsync();
            while (!comment.IsCompleted) await app.Time.AdvanceAsync(tick);

            (app.Time.Elapsed - opened).Should().BeGreaterThan(Interval * 0.8).And.BeLessThanOrEqualTo(Interval);
            var tickOfStep = (app.Time.Elapsed + tick).Ticks % TimeSpan.TicksPerSecond;
            tickOfStep.Should().Be(0, "the clock's first tick is 1, and a step is ten ticks");
            await app.Time.AdvanceAsync(tick * 3);
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task KeepAlive_NamedEventByOption_IsWritten()
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", () => Results.EventStream(Silent.Forever(), o => o.KeepAlive = EventStreamKeepAlive.Event("ping"))));
        await using var stream = await app.ListenAsync("/");

        var ping = stream.NextAsync();
        await app.AdvanceUntilAsync(ping, Interval / 10);

        (await ping).Raw.Should().EndWith("\nevent: ping\ndata: \n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task KeepAlive_SwitchedOff_NothingIsWritten()
    {
        var source = new DrivenSource();
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", () => Results.EventStream(source.Messages(), o => o.KeepAliveInterval = null)));
        await using var stream = await app.ListenAsync("/");

        await stream.ExpectSilenceAsync(TimeSpan.FromHours(1));
        source.Finish();

        await stream.ExpectEndAsync();
        stream.Body.Should().MatchRegex(@"\Aretry: \d+\n\z");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(15, "15")]
    [InlineData(0.5, "0.5")]
    [InlineData(86_400, "86400")]
    public async Task Header_OfAStreamWithKeepAlives_IsTheLongestSilenceInSeconds(double seconds, string header)
    {
        await using var app = await TestApp.StartAsync(app => app.MapMethods(
            "/",
            ["GET", "HEAD"],
            () => Results.EventStream(Silent.Forever(), o => o.KeepAliveInterval = TimeSpan.FromSeconds(seconds))));

        using var stream = await app.OpenAsync("/");
        using var head = await app.Client.SendAsync(new(HttpMethod.Head, "/")).OrFail();

        stream.Header("EventStream-Keep-Alive").Should().Be(header);
        head.Headers.GetValues("EventStream-Keep-Alive").Should().Equal(header);
    }

    [Fact]
    public void Header_OfStreamsWithTheAppsOptions_IsOneString()
    {
        EventStreamOptions app = new();
        var response = app.Copy();

        response.KeepAliveHeaderIn(EventStreamProtocol.Default).Should().Be("15");
        response.KeepAliveHeaderIn(EventStreamProtocol.Default)
            .Should().BeSameAs(app.KeepAliveHeaderIn(EventStreamProtocol.Default), "a stream must not make one of its own");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("no interval")]
    [InlineData("told not to")]
    [InlineData("no lone lines")]
    public async Task Header_OfAStreamWithoutKeepAlives_IsAbsent(string because)
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(Silent.Forever(), Configure)));

        using var stream = await app.OpenAsync("/");

        stream.Header("X-Accel-Buffering").Should().Be("no");
        stream.Header("EventStream-Keep-Alive").Should().BeNull();

        void Configure(EventStreamOptions options)
        {
            if (because == "no interval") options.KeepAliveInterval = null;
            if (because == "told not to") options.SendKeepAliveInterval = false;
            if (because == "no lone lines") options.Protocol = EventStreamProtocol.DataOnly;
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Header_HandlerHasSetIt_IsKept()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", (HttpContext context) =>
        {
            context.Response.Headers["EventStream-Keep-Alive"] = "60";
            return Results.EventStream(Silent.Forever());
        }));

        using var stream = await app.OpenAsync("/");

        stream.Header("EventStream-Keep-Alive").Should().Be("60");
    }
}
