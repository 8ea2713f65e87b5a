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

    /// <summary>Adds a check of whether this node takes new streams: ready, draining or saturated.</summary>
    /// <remarks>
    /// <para>
    /// It is unhealthy while the host stops, so that a load balancer sends new streams to other nodes. That is seen only while streams
    /// drain (<see cref="EventStreamOptions.DrainTimeout"/>): otherwise the server stops at once, and accepts no request of a check.
    /// </para>
    /// <para>
    /// A node is saturated if <see cref="EventStreamLimitOptions.MaxStreams"/> streams are open. The description begins with the state.
    /// The data has it as <c>state</c>, and as <c>available</c> how many more streams may open, if there is a limit.
    /// </para>
    /// <para>The check of the log, <see cref="AddEventStreams"/>, is another one: all nodes share the log.</para>
    /// </remarks>
    /// <param name="builder">The health checks that <c>AddHealthChecks</c> returns.</param>
    /// <param name="name">The name of the check; <c>eventstreams-readiness</c> by default.</param>
    /// <param name="saturatedStatus">
    /// The status of a saturated node; <see cref="HealthStatus.Degraded"/> by default, which answers 200. The node stays in service, and
    /// asks new clients to return later. With <see cref="HealthStatus.Unhealthy"/> the load balancer takes it out, and all nodes at once if
    /// all are saturated.
    /// </param>
    /// <param name="tags">Tags to choose checks by; null, the default, is none.</param>
    /// <param name="timeout">How long the check may take; null, the default, is no limit. It returns at once.</param>
    public static IHealthChecksBuilder AddEventStreamsReadiness(
        this IHealthChecksBuilder builder,
        string name = "eventstreams-readiness",
        HealthStatus saturatedStatus = HealthStatus.Degraded,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(
            new(name, services => new ReadinessHealthCheck(services, saturatedStatus), HealthStatus.Unhealthy, tags, timeout));
    }
}
