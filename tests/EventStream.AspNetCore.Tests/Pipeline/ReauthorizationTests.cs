using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>The policies of an open stream are evaluated again, and a refusal ends it.</summary>
public sealed class ReauthorizationTests : ReauthorizedStreams
{
    private static readonly TimeSpan DrainRetry = TimeSpan.FromSeconds(20);

    [Theory(Timeout = 30_000)]
    [InlineData("/named", "named")]
    [InlineData("/built", "built")]
    [InlineData("/default", "default")]
    [InlineData("/required", "required")]
    [InlineData("/required", "fallback")]
    [InlineData("/typed", "fallback")]
    [InlineData("/declared", "fallback")]
    [InlineData("/negotiated", "fallback")]
    [InlineData("/mvc", "fallback")]
    [InlineData(Channel, "fallback")]
    [InlineData(Channel, "channel")]
    [InlineData("/chosen-channel", "channel")]
    [InlineData("/own-channel", "fallback")]
    [InlineData("/open-channel", "channel")]
    public async Task Policy_RefusesLater_StreamEndsCleanlyAndItsClientGets403(string path, string permission)
    {
        Options = o => o.DrainRetry = DrainRetry;
        await using var app = await StartAsync();
        using var metrics = new MetricRecorder(app.App.Services);
        await using var stream = await ListenAsync(app, path);
        await app.AdvanceUntilAsync(Soon.Until(() => Outcomes(metrics).Contains("allowed")), Tick);
        await ExpectDeliveryAsync(app, stream, path);

        Permissions.Taken = permission;
        await app.AdvanceUntilAsync(stream.ExpectEndAsync(), Tick);

        stream.Retry.Should().BeGreaterThanOrEqualTo(DrainRetry, "clients of one role must not return together");
        await Soon.Until(() => app.Log.Entries.Any(entry => entry.Message.EndsWith("ended: AuthorizationRefused.")));
        Outcomes(metrics).Should().Contain("allowed").And.ContainSingle(outcome => outcome == "refused");
        using var again = await app.OpenAsync(path);
        again.Response.StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/open", "fallback")]
    [InlineData("/open-channel", "fallback")]
    [InlineData("/own-channel", "channel")]
    public async Task Policy_ThatDidNotCountWhenTheStreamOpened_DoesNotCountLater(string path, string permission)
    {
        await using var app = await StartAsync();
        await using var stream = await ListenAsync(app, path);

        Permissions.Taken = permission;
        await app.Time.AdvanceAsync(3 * Interval);

        await ExpectDeliveryAsync(app, stream, path);
    }

    [Fact(Timeout = 30_000)]
    public async Task Stream_WithNothingToCheck_RunsNoCheck()
    {
        await using var app = await StartAsync();
        using var metrics = new MetricRecorder(app.App.Services);
        await using var stream = await ListenAsync(app, "/open");

        await app.Time.AdvanceAsync(3 * Interval);

        metrics.Of("event_stream.server.reauthorizations").Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task ReauthorizationInterval_OffByDefault_RightsAreNotCheckedAgain()
    {
        Options = o => o.ReauthorizationInterval = new EventStreamOptions().ReauthorizationInterval;
        await using var app = await StartAsync();
        await using var stream = await ListenAsync(app, "/named");

        Permissions.Taken = "named";
        await app.Time.AdvanceAsync(TimeSpan.FromHours(1));

        await ExpectDeliveryAsync(app, stream, "/named");
    }

    [Fact(Timeout = 30_000)]
    public async Task Source_YieldsAfterTheRefusal_MessageIsDropped()
    {
        await using var app = await StartAsync(map => map.MapGet("/late", () => TypedResults.EventStream(OverdueSource.WhenCancelled())));
        await using var stream = await ListenAsync(app, "/late");
        (await stream.NextAsync()).Data.Should().Be("first");

        Permissions.Taken = "fallback";
        await app.Time.AdvanceAsync(Interval + Tick);

        await stream.ExpectEndAsync();
        stream.Body.Should().NotContain("too late");
    }

    [Fact(Timeout = 30_000)]
    public async Task Rights_AreRefusedWhileTheStreamIsEnding_LateMessageIsDropped()
    {
        OverdueSource late = new();
        await using var app = await StartAsync(map => map.MapGet("/ageing", () => TypedResults.EventStream(
            late.WhenReleased(),
            o => (o.MaxLifetime, o.SourceStopTimeout) = (TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)))));
        using var metrics = new MetricRecorder(app.App.Services);
        await using var stream = await ListenAsync(app, "/ageing");
        (await stream.NextAsync()).Data.Should().Be("first");
        await app.AdvanceUntilAsync(late.Cancelled, Tick);

        Permissions.Taken = "fallback";
        await app.AdvanceUntilAsync(Soon.Until(() => Outcomes(metrics).Contains("refused")), Tick);
        late.Release();

        await stream.ExpectEndAsync();
        stream.Body.Should().NotContain("too late");
    }

    [Fact(Timeout = 30_000)]
    public async Task Evaluator_OfTheAppAllows_StreamStaysOpen()
    {
        await using var app = await StartAsync(services: services => services.AddTransient<IPolicyEvaluator, AllowingEvaluator>());
        Permissions.Taken = "named";
        await using var stream = await ListenAsync(app, "/named");

        await app.Time.AdvanceAsync(2 * Interval);

        await ExpectDeliveryAsync(app, stream, "/named");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/named")]
    [InlineData(Channel)]
    public async Task Check_ThatHangs_DelaysNoMessageAndNoKeepAlive(string path)
    {
        TaskCompletionSource ends = new(), begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Options = o => o.KeepAliveInterval = TimeSpan.FromSeconds(1);
        await using var app = await StartAsync();
        await using var stream = await ListenAsync(app, path);

        Permissions.Before = _ =>
        {
            begun.TrySetResult();
            return ends.Task;
        };
        await app.AdvanceUntilAsync(begun.Task, Tick);
        await ExpectDeliveryAsync(app, stream, path);
        await app.AdvanceUntilAsync(stream.NextCommentAsync(), Tick);
        await ExpectDeliveryAsync(app, stream, path);
        ends.SetResult();
    }

    [Fact(Timeout = 30_000)]
    public async Task KeepAlive_OfTheTickOfACheck_WaitsForTheCheck()
    {
        TimeSpan? refusedAt = null;
        Options = o => o.KeepAliveInterval = Tick;
        await using var app = await StartAsync();
        await using var stream = await ListenAsync(app, "/named");
        await app.AdvanceUntilAsync(stream.NextCommentAsync(), Tick);

        // The message follows the keep-alives of the ticks by which the clock ran ahead.
        await ExpectDeliveryAsync(app, stream, "/named");
        Permissions.Taken = "named";
        Permissions.Before = _ =>
        {
            refusedAt ??= app.Time.Elapsed;
            return Task.CompletedTask;
        };

        // Tick by tick, and each keep-alive is awaited.
        while (refusedAt is null)
        {
            app.Time.Advance(Tick);
            await Soon.Until(() => refusedAt is not null || stream.Wire.Contains($"+{app.Time.Elapsed:hh\\:mm\\:ss\\.fff} | :"));
        }

        await stream.ExpectEndAsync();
        var lastKeepAlive = stream.Wire.Split('\n').Last(line => line.Contains("| :"));
        lastKeepAlive.Should().StartWith($"+{refusedAt - Tick:hh\\:mm\\:ss\\.fff}", "the one of the next tick is the check's");
    }

    [Fact(Timeout = 60_000)]
    public async Task Streams_ThatOpenTogether_AreCheckedAtMomentsOfTheirOwn()
    {
        List<TimeSpan> asked = [];
        await using var app = await StartAsync();
        List<TestEventSource> streams = [];
        for (var i = 0; i < 40; i++) streams.Add(await ListenAsync(app, "/named"));

        Permissions.Before = _ =>
        {
            lock (asked) asked.Add(app.Time.Elapsed);
            return Task.CompletedTask;
        };
        await app.AdvanceUntilAsync(Soon.Until(() => asked.Count >= 40), Tick);

        asked.GroupBy(at => (int)(at / (Interval / 5))).Max(fifth => fifth.Count()).Should().BeLessThan(28);
        foreach (var stream in streams) await stream.DisposeAsync();
    }

    private static IEnumerable<string?> Outcomes(MetricRecorder metrics) =>
        metrics.Of("event_stream.server.reauthorizations").Select(check => (string?)check.Tags["event_stream.reauthorization.outcome"]);

    private sealed class AllowingEvaluator(IAuthorizationService authorization) : PolicyEvaluator(authorization)
    {
        public override Task<PolicyAuthorizationResult> AuthorizeAsync(
            AuthorizationPolicy policy, AuthenticateResult authenticationResult, HttpContext context, object? resource) =>
            Task.FromResult(PolicyAuthorizationResult.Success());
    }
}
