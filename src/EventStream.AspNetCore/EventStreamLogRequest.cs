namespace EventStream.AspNetCore;

/// <summary>A request for a page of a channel; see <see cref="IEventStreamLog.ReadAsync"/>.</summary>
/// <param name="Channel">The channel's name.</param>
/// <param name="After">The sequence that the page follows: 0 for the beginning, <see cref="long.MaxValue"/> for no messages.</param>
/// <param name="MaxCount">The maximum number of messages; at least 1.</param>
/// <param name="MaxBytes">The maximum bytes of frames. A first message that is larger is the whole page.</param>
public readonly record struct EventStreamLogRequest(string Channel, long After, int MaxCount, int MaxBytes);
