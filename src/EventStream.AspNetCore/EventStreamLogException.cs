namespace EventStream.AspNetCore;

/// <summary>
/// A log could not be reached, or has refused. Thrown to the publisher; subscribers stay connected, and are served when the log is
/// back.
/// </summary>
/// <param name="message">What was wrong, and what to do.</param>
/// <param name="innerException">What the log's own client said.</param>
public class EventStreamLogException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>
    /// Whether the messages, or those of some channels, may have been published: the connection was lost while the log appended.
    /// Publishing again is safe where the first attempt had an <see cref="EventStreamMetadata.IdempotencyKey"/>, and the next has the same.
    /// </summary>
    /// <value>False by default: nothing was published.</value>
    public bool IsOutcomeUnknown { get; init; }

    /// <summary>Whether the next attempt may succeed without anybody doing anything: the log was out of reach, or busy.</summary>
    /// <value>False by default.</value>
    public bool IsTransient { get; init; }

    /// <summary>Whether the log rejects every record, or every read, now: a right is missing, a table is gone, a disk is full.</summary>
    /// <remarks>
    /// A log sets it only where it is sure. Then everything that was to be appended together fails at once. Otherwise the rejected records
    /// are looked for, in at most about 1.6 appends a record, and the others are appended.
    /// </remarks>
    /// <value>False by default. It has no meaning where <see cref="IsTransient"/> or <see cref="IsOutcomeUnknown"/> is true.</value>
    public bool RejectsAll { get; init; }
}
