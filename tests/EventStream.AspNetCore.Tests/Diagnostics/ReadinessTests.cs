using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Pipeline;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Tests.Diagnostics;

/// <summary>Whether the health check says ready, draining or saturated.</summary>
public sealed class ReadinessTests
{
    private const string Name = "eventstreams-readiness";

    [Theory(Timeout = 30_000)]
    [InlineData(null, HealthStatus.Degraded)]
    [InlineData(HealthStatus.Unhealthy, HealthStatus.Unhealthy)]
    public async Task Check_OfANodeThatFillsAndStops_SaysReadyThenSaturatedThenDraining(HealthStatus? chosen, HealthStatus saturated)
    {
        await using var app = await LimitedApp.StartAsync(o => o.MaxStreams = 2, services: services =>
        {
            if (chosen is { } status) services.AddHealthChecks().AddEventStreamsReadiness(saturatedStatus: status);
            else services.AddHealthChecks().AddEventStreamsReadiness();
        });
        using var first = await app.AdmittedAsync("/typed");

        await ExpectAsync(app, HealthStatus.Healthy, "ready", 1L, "Ready: new streams may open.");
        var second = await app.AdmittedAsync("/typed");
        await ExpectAsync(app, saturated, "saturated", 0L, "Saturated: 2 streams are open, the limit MaxStreams.");
        second.Dispose();
        await Soon.Until(() => app.Limits().Available == 1);
        await ExpectAsync(app, HealthStatus.Healthy, "ready", 1L, "Ready: new streams may open.");

        app.App.Lifetime.StopApplication();
        await Soon.Until(() => app.Limits().Available == 2);
        await ExpectAsync(app, HealthStatus.Unhealthy, "draining", 2L, "Draining: the host stops, and refuses new streams.");
    }

    [Fact(Timeout = 30_000)]
    public async Task Check_WithoutLimits_IsReadyOrDraining()
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", () => Results.EventStream(Silent.Forever())),
            services => services.AddHealthChecks().AddEventStreamsReadiness());
        using var stream = await app.OpenAsync("/");

        await ExpectAsync(app, HealthStatus.Healthy, "ready", null, "Ready: new streams may open.");
        app.App.Lifetime.StopApplication();
        await ExpectAsync(app, HealthStatus.Unhealthy, "draining", null, "Draining: the host stops, and refuses new streams.");
    }

    [Fact(Timeout = 30_000)]
    public void Check_ByNameTagsAndTimeout_IsRegisteredAsThat()
    {
        var services = new ServiceCollection();
        services.AddHealthChecks().AddEventStreamsReadiness("streams", HealthStatus.Unhealthy, ["ready"], TimeSpan.FromSeconds(3));
        using var app = services.BuildServiceProvider();

        var check = app.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.Should().ContainSingle().Subject;

        (check.Name, check.Timeout).Should().Be(("streams", TimeSpan.FromSeconds(3)));
        check.Tags.Should().Equal("ready");
    }

    private static async Task ExpectAsync(TestApp app, HealthStatus status, string state, long? available, string description)
    {
        var report = await app.App.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        var entry = report.Entries[Name];
        (entry.Status, entry.Description, entry.Data["state"]).Should().Be((status, description, state));
        entry.Data.GetValueOrDefault("available").Should().Be(available);
    }
}
