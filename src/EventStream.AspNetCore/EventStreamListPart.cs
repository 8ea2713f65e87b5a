namespace EventStream.AspNetCore;

/// <summary>The place of a record in a list of messages that share one <see cref="EventStreamMetadata.IdempotencyKey"/>.</summary>
/// <remarks>See <see cref="IEventStreamLog.AppendAsync"/>.</remarks>
/// <param name="Number">Its number in the list: 1 for the first.</param>
/// <param name="Length">How many messages the list has; at least 1.</param>
public readonly record struct EventStreamListPart(int Number, int Length)
{
    /// <summary>Whether it is the last of the list; a log keeps the list's key with this record.</summary>
    public bool IsLast => Length > 0 && Number == Length;
}
