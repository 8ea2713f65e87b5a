namespace EventStream.AspNetCore.Channels;

/// <summary>The point at which a subscriber begins.</summary>
/// <param name="After">The sequence after which it begins.</param>
/// <param name="Gap">Why it has lost messages; null if it has lost none.</param>
/// <param name="Has">The sequence before the gap up to which it has every message; null if that is not known.</param>
internal readonly record struct ResumePoint(long After, EventStreamGapReason? Gap, long? Has);
