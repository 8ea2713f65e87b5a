namespace EventStream.AspNetCore;

/// <summary>How the channels of an app use the log that outlives the process: set by <see cref="EventStreamBuilder.AddLog"/>.</summary>
/// <remarks>
/// The options of a package's log derive from it: <c>AddPostgreSql(o => o.PublishWait = TimeSpan.FromSeconds(5))</c>. Validated when the
/// app starts. With a package's log, <c>Configure&lt;EventStreamLogOptions&gt;</c> has no effect: configure the package's type. All times
/// are measured by the app's <see cref="TimeProvider"/>.
/// </remarks>
public class EventStreamLogOptions
{
    /// <summary>How long publishing waits for a log that is unavailable, or does not answer.</summary>
    /// <value>
    /// Zero by default: publishing fails at once where the log is unavailable, and after a minute where the log does not answer. At most
    /// one hour.
    /// </value>
    /// <remarks>
    /// Where it is not known whether a message was published, only one with an <see cref="EventStreamMetadata.IdempotencyKey"/> waits, and
    /// is tried again. An append that is under way when the wait is over has a second more. Then publishing fails, and
    /// <see cref="EventStreamLogException.IsOutcomeUnknown"/> is true. The wait ends when the host begins to stop.
    /// </remarks>
    public TimeSpan PublishWait { get; set; }

    /// <summary>How long <see cref="EventStreamHub.DisconnectAsync"/> waits for the other nodes that share the log.</summary>
    /// <value>5 s by default; from 2 s to 10 s. Give it the same value on all nodes.</value>
    /// <remarks>
    /// A node that cannot read the log delivers to named users for as long, and then holds their messages until it can.
    /// </remarks>
    public TimeSpan DisconnectTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
