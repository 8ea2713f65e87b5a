namespace EventStream.AspNetCore;

/// <summary>A message that is in a log.</summary>
/// <param name="Sequence">Its number in its channel.</param>
/// <param name="Frame">The value of <see cref="EventStreamLogRecord.Frame"/>.</param>
/// <param name="Event">The value of <see cref="EventStreamLogRecord.Event"/>.</param>
/// <param name="Metadata">
/// The value of <see cref="EventStreamLogRecord.Metadata"/>, without the idempotency key; null if there was none.
/// </param>
/// <param name="PublishedAt">When it was appended, on the log's clock.</param>
public readonly record struct EventStreamStoredRecord(
    long Sequence, ReadOnlyMemory<byte> Frame, string? Event, EventStreamMetadata? Metadata, DateTimeOffset PublishedAt);
