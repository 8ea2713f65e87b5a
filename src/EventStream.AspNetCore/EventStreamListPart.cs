namespace EventStream.AspNetCore;

/// <summary>
/// The place of a record in a list of messages that were published together under one <see cref="EventStreamMetadata.IdempotencyKey"/>; see
/// <see cref="IEventStreamLog.AppendAsync"/>.
/// </summary>
/// <param name="Number">Its number in the list: 1 for the first.</param>
/// <param name="Length">How many messages the list has; at least 1.</param>
public readonly record struct EventStreamListPart(int Number, int Length)
{
    /// <summary>Whether it is the last of the list: the record with which a log keeps the list's key.</summary>
    public bool IsLast => Length > 0 && Number == Length;
}
