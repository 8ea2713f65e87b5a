namespace EventStream.AspNetCore.Channels;

/// <summary>Where a subscriber begins.</summary>
/// <param name="After">The sequence after which it begins.</param>
/// <param name="Gap">Why it has lost messages; null: it has not.</param>
/// <param name="Has">The sequence up to which it has everything, where there is a gap; null: that is not known.</param>
internal readonly record struct ResumePoint(long After, EventStreamGapReason? Gap, long? Has);
