using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Authorization;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>A check that throws or takes too long decides nothing, until the grace is over.</summary>
public sealed class ReauthorizationFailureTests : ReauthorizedStreams
{
    private const string Refused = "ended: AuthorizationRefused.";

    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestGrace = Grace * 1.5;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact(Timeout = 30_000)]
    public async Task Check_Throws_StreamStaysOpenForTheGraceAndThenEnds()
    {
        Options = o => o.ReauthorizationGrace = Grace;
        await using var app = await StartAsync();
        using var metrics = new MetricRecorder(app.App.Services);
        await using var stream = await ListenAsync(app, "/named");

        Permissions.Before = Throw;
        var began = app.Time.Elapsed;
        await app.AdvanceUntilAsync(Soon.Until(() => Failed(metrics) >= 2), Second);
        await ExpectDeliveryAsync(app, stream, "/named");
        await app.AdvanceUntilAsync(stream.ExpectEndAsync(), Second);

        var lasted = app.Time.Elapsed - began;
        lasted.Should().BeGreaterThanOrEqualTo(Grace);
        Failed(metrics).Should().BeInRange(3, 1 + (int)(lasted / (Interval / 2)), "a failed check is repeated after the interval");
        await Soon.Until(() => app.Log.Entries.Any(entry => entry.Message.EndsWith(Refused)));
        metrics.Of("event_stream.server.reauthorizations").Should()
            .OnlyContain(check => (string?)check.Tags["event_stream.reauthorization.outcome"] == "failed");
    }

    [Fact(Timeout = 30_000)]
    public async Task Check_SucceedsAgain_GraceBeginsAnewAtTheNextFailure()
    {
        Options = o => o.ReauthorizationGrace = Grace;
        await using var app = await StartAsync();
        using var metrics = new MetricRecorder(app.App.Services);
        await using var stream = await ListenAsync(app, "/named");

        for (var restart = 0; restart < 3; restart++)
        {
            Permissions.Before = Throw;
            await app.Time.AdvanceAsync(Grace - (3 * Interval));
            Permissions.Before = static _ => Task.CompletedTask;
            await app.AdvanceUntilAsync(Soon.Until(() => Allowed(metrics) > restart), Tick);
        }

        await ExpectDeliveryAsync(app, stream, "/named");
    }

    [Fact(Timeout = 30_000)]
    public async Task Grace_OfZero_FirstFailureEndsTheStream()
    {
        Options = o => o.ReauthorizationGrace = TimeSpan.Zero;
        await using var app = await StartAsync();
        await using var stream = await ListenAsync(app, "/named");

        Permissions.Before = Throw;
        await app.Time.AdvanceAsync(Interval + Tick);

        await stream.ExpectEndAsync();
        Permissions.Asked.Should().Be(2, "one check opened the stream, and one failed");
    }

    [Fact(Timeout = 30_000)]
    public async Task Interval_LongerThanTheGrace_FailedCheckIsRepeatedWithinIt()
    {
        var interval = 2 * Grace;
        Options = o => (o.ReauthorizationInterval, o.ReauthorizationGrace) = (interval, Grace);
        await using var app = await StartAsync();
        using var metrics = new MetricRecorder(app.App.Services);
        await using var stream = await ListenAsync(app, "/named");

        Permissions.Before = context =>
        {
            Permissions.Before = static _ => Task.CompletedTask;
            return Throw(context);
        };

        await app.AdvanceUntilAsync(Soon.Until(() => Failed(metrics) > 0), Second);
        await app.AdvanceUntilAsync(Soon.Until(() => Allowed(metrics) > 0), Tick);
        await app.Time.AdvanceAsync(LongestGrace);

        await ExpectDeliveryAsync(app, stream, "/named");
    }

    [Fact(Timeout = 30_000)]
    public async Task Check_IgnoresItsToken_IsAbandonedAndNoOtherBeginsBesideIt()
    {
        // Long, because the clock may run ahead of the checks on a slow machine.
        var grace = TimeSpan.FromMinutes(5);
        TaskCompletionSource ends = new(), begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var token = CancellationToken.None;
        Options = o => o.ReauthorizationGrace = grace;
        await using var app = await StartAsync();
        using var metrics = new MetricRecorder(app.App.Services);
        await using var stream = await ListenAsync(app, "/named");

        Permissions.Before = async context =>
        {
            token = ((HttpContext)context.Resource!).RequestAborted;
            begun.TrySetResult();
            await ends.Task;
            context.Fail();
        };
        await app.AdvanceUntilAsync(begun.Task, Tick);
        await app.AdvanceUntilAsync(Soon.Until(() => token.IsCancellationRequested), Tick);
        await app.AdvanceUntilAsync(Soon.Until(() => metrics.Sum("event_stream.server.reauthorizations") > 8), Second);
        Permissions.Asked.Should().Be(2, "a stream has one check at a time");
        await ExpectDeliveryAsync(app, stream, "/named");

        // The abandoned check refuses after its time, which does not count. The next check may begin, and allows.
        Permissions.Before = static _ => Task.CompletedTask;
        ends.SetResult();
        await app.AdvanceUntilAsync(Soon.Until(() => Allowed(metrics) > 0), Second);
        await ExpectDeliveryAsync(app, stream, "/named");
        var until = app.Time.Elapsed + (1.5 * grace);
        await app.AdvanceUntilAsync(Soon.Until(() => app.Time.Elapsed >= until), Second);
        await ExpectDeliveryAsync(app, stream, "/named");
    }

    [Fact(Timeout = 30_000)]
    public async Task Check_NeverReturns_StreamEndsAfterTheGraceAndTheHostStops()
    {
        Options = o => o.ReauthorizationGrace = Grace;
        await using var app = await StartAsync();
        await using var stream = await ListenAsync(app, "/named");

        Permissions.Before = static _ => new TaskCompletionSource().Task;
        await app.AdvanceUntilAsync(stream.ExpectEndAsync(), Second);

        await app.App.StopAsync().OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Disposal_AfterAnApprovalNeverEnds_StreamEndsAfterTheGrace()
    {
        Options = o => o.ReauthorizationGrace = Grace;
        await using var app = await StartAsync();
        using var metrics = new MetricRecorder(app.App.Services);
        await using var stream = await ListenAsync(app, "/named");

        Permissions.Before = static context => DisposeAfter(new TaskCompletionSource().Task, context);
        await app.AdvanceUntilAsync(Soon.Until(() => Allowed(metrics) == 1), Tick);
        await app.Time.AdvanceAsync(Grace);
        await ExpectDeliveryAsync(app, stream, "/named");
        await app.AdvanceUntilAsync(stream.ExpectEndAsync(), Second);

        await Soon.Until(() => app.Log.Entries.Any(entry => entry.Message.EndsWith(Refused)));
        app.Log.Entries.Should().Contain(entry => entry.Id == 26 && entry.Exception is TimeoutException);
        Allowed(metrics).Should().Be(1, "no check begins while a scope is being disposed of");
    }

    [Fact(Timeout = 30_000)]
    public async Task Disposal_AfterAnApprovalEndsWithinTheGrace_ChecksContinue()
    {
        // Longer than the grace, which begins at the failure, and not at the check that has allowed.
        var interval = 2 * Grace;
        TaskCompletionSource disposal = new();
        Options = o => (o.ReauthorizationInterval, o.ReauthorizationGrace) = (interval, Grace);
        await using var app = await StartAsync();
        using var metrics = new MetricRecorder(app.App.Services);
        await using var stream = await ListenAsync(app, "/named");

        Permissions.Before = context => DisposeAfter(disposal.Task, context);
        await app.AdvanceUntilAsync(Soon.Until(() => Failed(metrics) > 0), Second);
        Failed(metrics).Should().Be(1);
        disposal.SetResult();
        await app.AdvanceUntilAsync(Soon.Until(() => Allowed(metrics) > 1), Tick);
        await app.Time.AdvanceAsync(LongestGrace);

        await ExpectDeliveryAsync(app, stream, "/named");
    }

    [Fact(Timeout = 30_000)]
    public async Task Client_LeavesDuringACheck_TokenIsCancelled()
    {
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await StartAsync();
        await using var stream = await ListenAsync(app, "/named");

        Permissions.Before = context =>
        {
            ((HttpContext)context.Resource!).RequestAborted.Register(cancelled.SetResult);
            begun.TrySetResult();
            return cancelled.Task;
        };
        await app.AdvanceUntilAsync(begun.Task, Tick);
        await stream.DisposeAsync();

        await cancelled.Task.OrFail();
    }

    [Fact(Timeout = 60_000)]
    public async Task Store_IsDown_ManyStreamsLogOnceAMinuteAndDoNotEndTogether()
    {
        const int Streams = 40;
        Options = o => o.ReauthorizationGrace = Grace;
        await using var app = await StartAsync();
        List<TestEventSource> streams = [];
        for (var i = 0; i < Streams; i++) streams.Add(await ListenAsync(app, "/named"));

        Permissions.Before = Throw;
        var began = app.Time.Elapsed;
        await app.AdvanceUntilAsync(Soon.Until(() => Ended() > 0), Second);
        var first = app.Time.Elapsed;
        (first - began).Should().BeGreaterThanOrEqualTo(Grace, "the grace is not over before");
        await app.AdvanceUntilAsync(Soon.Until(() => Ended() == Streams), Second);

        (app.Time.Elapsed - first).Should().BeGreaterThan((LongestGrace - Grace) / 2);
        var entries = app.Log.Entries.Where(entry => entry.Id == 26 && entry.Level == LogLevel.Warning).ToList();
        entries.Count.Should().BeInRange(
            2, 1 + (int)(app.Time.Elapsed - began).TotalMinutes, "the first failure is logged at once, and one entry a minute follows");
        entries[0].Message.Should().Contain("1 since").And.Contain("/named");
        entries[0].Exception.Should().BeOfType<InvalidTimeZoneException>();
        foreach (var stream in streams) await stream.DisposeAsync();

        int Ended() => app.Log.Entries.Count(entry => entry.Message.EndsWith(Refused));
    }

    private static int Allowed(MetricRecorder metrics) => Count(metrics, "allowed");

    private static int Failed(MetricRecorder metrics) => Count(metrics, "failed");

    private static int Count(MetricRecorder metrics, string outcome) => metrics.Of("event_stream.server.reauthorizations")
        .Count(check => (string?)check.Tags["event_stream.reauthorization.outcome"] == outcome);

    /// <summary>Allows, and keeps the check's scope from being disposed of before a task has completed.</summary>
    private static Task DisposeAfter(Task disposal, AuthorizationHandlerContext context)
    {
        ((HttpContext)context.Resource!).RequestServices.GetRequiredService<ScopeMark>().Disposal = disposal;
        return Task.CompletedTask;
    }

    private static Task Throw(object? context) => throw new InvalidTimeZoneException("The database is down.");
}
