using EventStream.AspNetCore.Responses;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventStream.AspNetCore.Diagnostics;

/// <summary>Reports whether this node takes new streams: ready, draining or saturated.</summary>
internal sealed class ReadinessHealthCheck(IServiceProvider services, HealthStatus saturatedStatus) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var host = StreamHost.Of(services);
        var available = host.Limits?.Available;
        var (state, status, description) = host.Stopping.IsCancellationRequested
            ? ("draining", HealthStatus.Unhealthy, "Draining: the host stops, and refuses new streams.")
            : available == 0
            ? ("saturated", saturatedStatus, $"Saturated: {host.Limits!.MaxStreams} streams are open, the limit MaxStreams.")
            : ("ready", HealthStatus.Healthy, "Ready: new streams may open.");
        Dictionary<string, object> data = new() { ["state"] = state };
        if (available is { } more) data["available"] = more;
        return Task.FromResult(new HealthCheckResult(status, description, data: data));
    }
}
