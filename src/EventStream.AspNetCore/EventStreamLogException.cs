namespace EventStream.AspNetCore;

/// <summary>A log could not be reached, or has refused. Thrown to whoever publishes; subscribers stay connected, and are served when the log is back.</summary>
/// <param name="message">What was wrong, and what to do.</param>
/// <param name="innerException">What the log's own client said.</param>
public class EventStreamLogException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>
    /// Whether the messages may have been published all the same: the connection was lost while the log was at it. Publishing again is safe where the first
    /// attempt had an <see cref="EventStreamMetadata.IdempotencyKey"/>, and the next has the same.
    /// </summary>
    /// <value>False by default: nothing was published.</value>
    public bool IsOutcomeUnknown { get; init; }

    /// <summary>Whether the next attempt may succeed without anybody doing anything: the log was out of reach, or busy.</summary>
    /// <value>False by default.</value>
    public bool IsTransient { get; init; }
}
