namespace EventStream.AspNetCore;

/// <summary>The options of an app's log; <see cref="EventStreamBuilder.AddLog"/> sets them.</summary>
/// <remarks>
/// The options of a package's log derive from this type: <c>AddPostgreSql(o => o.PublishWait = TimeSpan.FromSeconds(5))</c>. Validated when
/// the app starts. With a package's log, <c>Configure&lt;EventStreamLogOptions&gt;</c> has no effect: configure the package's type. All
/// times are measured by the app's <see cref="TimeProvider"/>.
/// </remarks>
public class EventStreamLogOptions
{
    /// <summary>How long publishing waits for a log that is unavailable, or does not answer.</summary>
    /// <value>
    /// Zero by default: publishing fails at once if the log is unavailable, and after a minute if the log does not answer. At most one
    /// hour.
    /// </value>
    /// <remarks>
    /// If the outcome of an append is unknown, only a message with an <see cref="EventStreamMetadata.IdempotencyKey"/> waits and is
    /// appended again. An append that is running when the wait ends has one more second. Then publishing fails, and
    /// <see cref="EventStreamLogException.IsOutcomeUnknown"/> is true. The wait ends when a stopping host has drained.
    /// </remarks>
    public TimeSpan PublishWait { get; set; }

    /// <summary>How long <c>DisconnectAsync</c> of the hub waits for the other nodes that share the log.</summary>
    /// <value>5 s by default; from 2 s to 10 s. Give it the same value on all nodes.</value>
    /// <remarks>
    /// A node that cannot read the log delivers messages to streams with a user or claims for this time. Then it holds them until it can
    /// read again.
    /// </remarks>
    public TimeSpan DisconnectTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
