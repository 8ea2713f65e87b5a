using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventStream.AspNetCore.Diagnostics;

/// <summary>Reports whether this node gets and publishes messages through the log in time.</summary>
/// <remarks>It uses only what the node has observed, and calls no method of the log that reaches its store.</remarks>
internal sealed class EventStreamHealthCheck(IServiceProvider services) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Fault() is { } fault
            ? new HealthCheckResult(context.Registration.FailureStatus, fault)
            : HealthCheckResult.Healthy());

    // Without a log, nothing can fail. Then the hub is not resolved, because the app may have no channels.
    private string? Fault() => services.GetService<IEventStreamLog>() is { } log
        ? log.HealthProblem ?? services.GetRequiredService<EventStreamHub>().Node!.Follower.Failure
        : null;
}
