using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Pipeline;

namespace EventStream.AspNetCore.Tests.Diagnostics;

/// <summary>What operators see of refused streams: metrics and log entries.</summary>
public sealed class RefusalTests
{
    private const string Refused = "event_stream.server.refused_streams";

    [Fact(Timeout = 30_000)]
    public async Task Refusal_OfEachLimit_IsCountedByItsReason()
    {
        await using var app = await LimitedApp.StartAsync(o =>
        {
            o.MaxStreams = 2;
            o.MaxStreamsPerUser = 1;
            o.MaxSubscribersPerChannel = 1;
        });
        using var metrics = new MetricRecorder(app.App.Services);
        using var first = await app.AdmittedAsync(LimitedApp.Channel, LimitedApp.By("ann"));

        await app.RefusedBrowserAsync("/typed", LimitedApp.By("ann"));
        await app.RefusedBrowserAsync(LimitedApp.Channel, LimitedApp.By("bob"));
        using var second = await app.AdmittedAsync("/typed", LimitedApp.By("bob"));
        await app.RefusedBrowserAsync("/typed", LimitedApp.By("cid"));

        metrics.Of(Refused).Select(measured => (measured.Tags["http.route"], measured.Tags["event_stream.refusal_reason"], measured.Value))
            .Should().Equal(("/typed", "user", 1), (LimitedApp.Channel, "channel", 1), ("/typed", "total", 1));
    }

    [Fact(Timeout = 30_000)]
    public async Task Gauges_OfTheLimits_FollowTheStreams()
    {
        await using var app = await LimitedApp.StartAsync(o => o.MaxStreams = 2);
        using var metrics = new MetricRecorder(app.App.Services);
        using var first = await app.AdmittedAsync("/typed");
        metrics.Observe();
        using var second = await app.AdmittedAsync("/typed");
        await app.RefusedBrowserAsync("/typed");
        await app.RefusedBrowserAsync("/typed");

        metrics.Observe();

        metrics.Of("event_stream.server.available_streams").Select(measured => measured.Value).Should().Equal(1, 0);
        metrics.Of("event_stream.server.retry_window").Select(measured => Math.Round(measured.Value, 3)).Should().Equal(0, 0.02);
    }

    [Fact(Timeout = 30_000)]
    public async Task Log_OfManyRefusals_HasOneEntryAMinuteForEachLimit()
    {
        await using var app = await LimitedApp.StartAsync(o =>
        {
            o.MaxStreams = 1;
            o.MaxStreamsPerUser = 1;
        });
        using var first = await app.AdmittedAsync("/typed", LimitedApp.By("ann"));
        await RefuseAsync(3);
        Entries().Should().ContainSingle().Which.Should().StartWith(
            "Streams were refused by the limit MaxStreams: 1 since the last such entry, the last one of HTTP: GET /typed.");

        app.Time.Advance(TimeSpan.FromSeconds(59));
        await RefuseAsync(1);
        Entries().Should().ContainSingle();
        app.Time.Advance(TimeSpan.FromSeconds(1));
        await RefuseAsync(1);

        Entries().Should().HaveCount(2).And.Subject.Last().Should().Contain("MaxStreams: 4 since");

        string[] Entries() => [.. app.Log.Entries.Where(entry => entry.Id == 36).Select(entry => entry.Message)];

        async Task RefuseAsync(int count)
        {
            for (var i = 0; i < count; i++) await app.RefusedBrowserAsync("/typed");
        }
    }
}
