namespace EventStream.AspNetCore;

/// <summary>A wish for a page of a channel; see <see cref="IEventStreamLog.ReadAsync"/>.</summary>
/// <param name="Channel">The channel's name.</param>
/// <param name="After">The sequence that the page follows: 0 for the beginning, <see cref="long.MaxValue"/> for no messages.</param>
/// <param name="MaxCount">The most messages; at least 1.</param>
/// <param name="MaxBytes">The most bytes of frames; a first message that has more is the page alone.</param>
public readonly record struct EventStreamLogRequest(string Channel, long After, int MaxCount, int MaxBytes);
