using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventStream.AspNetCore.Diagnostics;

/// <summary>
/// Tells whether messages get through the log behind the channels in time, by what this node has seen. It asks the log nothing.
/// </summary>
internal sealed class EventStreamHealthCheck(IServiceProvider services) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Fault() is { } fault
            ? new HealthCheckResult(context.Registration.FailureStatus, fault)
            : HealthCheckResult.Healthy());

    // Without a log there is nothing to fail, and the app may have no channels.
    private string? Fault() => services.GetService<IEventStreamLog>() is { } log
        ? log.HealthProblem ?? services.GetRequiredService<EventStreamHub>().Node!.Follower.Failure
        : null;
}
