using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Logs;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Tests.Diagnostics;

/// <summary>What the health check says of the log behind the channels.</summary>
public sealed class HealthCheckTests
{
    [Fact(Timeout = 30_000)]
    public async Task Check_NotAskedFor_IsNotThere()
    {
        await using var app = await ChannelApp.StartAsync(
            channels => channels.AddChannel("news").AddLog(_ => new SharedLog()), services: services => services.AddHealthChecks());

        (await CheckAsync(app)).Entries.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Check_WithoutALog_IsHealthy()
    {
        await using var app = await ChannelApp.StartAsync(
            channels => channels.AddChannel("news"), services: services => services.AddHealthChecks().AddEventStreams());

        (await CheckAsync(app)).Entries["eventstreams"].Status.Should().Be(HealthStatus.Healthy);
    }

    [Fact(Timeout = 30_000)]
    public async Task Check_LogIsUnavailable_IsDegradedWithTheCauseUntilItIsBack()
    {
        var log = new SharedLog();
        await using var app = await ChannelApp.StartAsync(
            channels => channels.AddChannel("news").AddLog(_ => log), services: services => services.AddHealthChecks().AddEventStreams());
        (await CheckAsync(app)).Status.Should().Be(HealthStatus.Healthy);

        log.Unavailable = new("the log is gone") { IsTransient = true };
        log.Poll();
        await Soon.Until(
            () => CheckAsync(app).Result.Entries["eventstreams"] is { Status: HealthStatus.Degraded, Description: "the log is gone" });

        log.Unavailable = null;
        await app.AdvanceUntilAsync(Soon.Until(() => CheckAsync(app).Result.Status == HealthStatus.Healthy), TimeSpan.FromSeconds(1));
    }

    [Fact(Timeout = 30_000)]
    public async Task Check_LogReportsItsFault_IsThatFault()
    {
        await using var app = await ChannelApp.StartAsync(
            channels => channels.AddChannel("news").AddLog(_ => new FaultyLog()),
            services: services => services.AddHealthChecks().AddEventStreams(failureStatus: HealthStatus.Unhealthy));

        var entry = (await CheckAsync(app)).Entries["eventstreams"];

        (entry.Status, entry.Description).Should().Be((HealthStatus.Unhealthy, "The disk is full."));
    }

    [Fact(Timeout = 30_000)]
    public void Check_ByNameTagsAndTimeout_IsRegisteredAsThat()
    {
        var services = new ServiceCollection();
        services.AddHealthChecks().AddEventStreams("streams", HealthStatus.Unhealthy, ["ready"], TimeSpan.FromSeconds(3));
        using var app = services.BuildServiceProvider();

        var check = app.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.Should().ContainSingle().Subject;

        (check.Name, check.FailureStatus, check.Timeout).Should().Be(("streams", HealthStatus.Unhealthy, TimeSpan.FromSeconds(3)));
        check.Tags.Should().Equal("ready");
    }

    private static Task<HealthReport> CheckAsync(TestApp app) =>
        app.App.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

    private sealed class FaultyLog : IEventStreamLog
    {
        private readonly SharedLog _log = new();

        public string? HealthProblem => "The disk is full.";

        public ValueTask<IReadOnlyList<EventStreamPosition?>> AppendAsync(
            IReadOnlyList<EventStreamLogRecord> records, CancellationToken cancellationToken) =>
            _log.AppendAsync(records, cancellationToken);

        public ValueTask<IReadOnlyList<EventStreamLogPage>> ReadAsync(
            IReadOnlyList<EventStreamLogRequest> requests, CancellationToken cancellationToken) =>
            _log.ReadAsync(requests, cancellationToken);

        public IAsyncEnumerable<EventStreamLogHint> FollowAsync(CancellationToken cancellationToken) => _log.FollowAsync(cancellationToken);
    }
}
