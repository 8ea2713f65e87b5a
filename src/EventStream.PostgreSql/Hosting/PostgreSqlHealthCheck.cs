using EventStream.PostgreSql.Database;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventStream.PostgreSql.Hosting;

/// <summary>Tells whether the log could be used when it was last needed. It asks the database nothing.</summary>
internal sealed class PostgreSqlHealthCheck(LogDatabase database) : IHealthCheck
{
    public const string Name = "eventstream-postgresql";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(database.Reach.Failure is { } failure ? new HealthCheckResult(context.Registration.FailureStatus, failure) : HealthCheckResult.Healthy());
}
