using EventStream.PostgreSql.Database;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventStream.PostgreSql.Hosting;

/// <summary>Tells whether subscribers of this node get messages in time, by what the log has seen. It asks the database nothing.</summary>
internal sealed class PostgreSqlHealthCheck(LogDatabase database) : IHealthCheck
{
    public const string Name = "eventstream-postgresql";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(database.Fault is { } fault
            ? new HealthCheckResult(context.Registration.FailureStatus, fault)
            : HealthCheckResult.Healthy());
}
