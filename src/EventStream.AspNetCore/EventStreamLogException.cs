namespace EventStream.AspNetCore;

/// <summary>The exception of a log that is unavailable, or that rejects a record.</summary>
/// <remarks>The publisher gets it. Subscribers stay connected, and get their messages when the log is available again.</remarks>
/// <param name="message">What was wrong, and what to do.</param>
/// <param name="innerException">The exception of the log's own client.</param>
public class EventStreamLogException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Whether the messages, or those of some channels, may have been published.</summary>
    /// <remarks>
    /// The connection was lost while the log appended. Publishing again is safe if both attempts have the same
    /// <see cref="EventStreamMetadata.IdempotencyKey"/>.
    /// </remarks>
    /// <value>False by default: nothing was published.</value>
    public bool IsOutcomeUnknown { get; init; }

    /// <summary>Whether a later attempt may succeed by itself, because the log was unavailable or busy.</summary>
    /// <value>False by default.</value>
    public bool IsTransient { get; init; }

    /// <summary>Whether the log now rejects every record, or every read; for example, a right or a table is missing.</summary>
    /// <remarks>
    /// Another example is a full disk. A log sets it only if it is sure; then all records of the append fail at once. Otherwise the library
    /// searches for the rejected records, with at most about 1.6 appends a record, and appends the others.
    /// </remarks>
    /// <value>False by default. It has no meaning if <see cref="IsTransient"/> or <see cref="IsOutcomeUnknown"/> is true.</value>
    public bool RejectsAll { get; init; }

    /// <summary>Whether it makes sense to repeat a call that may be made again.</summary>
    internal bool IsTemporary => IsTransient || IsOutcomeUnknown;
}
