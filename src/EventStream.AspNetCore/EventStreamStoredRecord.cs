namespace EventStream.AspNetCore;

/// <summary>A message that is in a log.</summary>
/// <param name="Sequence">Its number in its channel.</param>
/// <param name="Frame">What <see cref="EventStreamLogRecord.Frame"/> was.</param>
/// <param name="Event">What <see cref="EventStreamLogRecord.Event"/> was.</param>
/// <param name="Metadata">
/// What <see cref="EventStreamLogRecord.Metadata"/> was, but for the idempotency key; null if there was none.
/// </param>
/// <param name="PublishedAt">When it was appended, by the log's clock.</param>
public readonly record struct EventStreamStoredRecord(long Sequence, ReadOnlyMemory<byte> Frame, string? Event, EventStreamMetadata? Metadata, DateTimeOffset PublishedAt);
