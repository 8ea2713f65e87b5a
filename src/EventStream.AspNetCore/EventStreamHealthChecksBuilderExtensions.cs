using EventStream.AspNetCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventStream.AspNetCore;

/// <summary>Adds event streams to an app's health checks.</summary>
public static class EventStreamHealthChecksBuilderExtensions
{
    /// <summary>Adds a check of the log behind the app's channels.</summary>
    /// <remarks>
    /// <para>
    /// It fails if this node cannot read the log, or if the log reports a <see cref="IEventStreamLog.HealthProblem"/>: subscribers then get
    /// messages late. Its description is the cause. It sends nothing to the log, so it may run as often as the app likes.
    /// </para>
    /// <para>
    /// An app whose channels are in memory is always healthy. The app must add the check:
    /// <c>builder.Services.AddHealthChecks().AddEventStreams()</c>.
    /// </para>
    /// </remarks>
    /// <param name="builder">The health checks that <c>AddHealthChecks</c> returns.</param>
    /// <param name="name">The name of the check; <c>eventstreams</c> by default.</param>
    /// <param name="failureStatus">
    /// The status if the check fails; <see cref="HealthStatus.Degraded"/> by default. The streams stay open, and all nodes share the log,
    /// so an unhealthy status would take every node out of service.
    /// </param>
    /// <param name="tags">Tags to choose checks by; null, the default, is none.</param>
    /// <param name="timeout">How long the check may take; null, the default, is no limit. It returns at once.</param>
    public static IHealthChecksBuilder AddEventStreams(
        this IHealthChecksBuilder builder,
        string name = "eventstreams",
        HealthStatus failureStatus = HealthStatus.Degraded,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new(name, static services => new EventStreamHealthCheck(services), failureStatus, tags, timeout));
    }
}
