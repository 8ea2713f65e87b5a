namespace EventStream.AspNetCore;

/// <summary>What a filter may know about a message: everything but its payload.</summary>
/// <param name="Sequence">The message's number in its channel.</param>
/// <param name="Event">The message's event; null for the default event.</param>
/// <param name="Metadata">What the publisher said about it; null if nothing.</param>
public readonly record struct EventStreamEntry(long Sequence, string? Event, EventStreamMetadata? Metadata);
