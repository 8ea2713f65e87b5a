namespace EventStream.AspNetCore;

/// <summary>A hint that a channel may have new messages; see <see cref="IEventStreamLog.FollowAsync"/>.</summary>
/// <param name="Channel">The channel's name; null: any channel.</param>
/// <param name="Newest">
/// The sequence of its newest message; a node that has this message does not read. Null, the default, if it is not known, or if the channel
/// is complete.
/// </param>
public readonly record struct EventStreamLogHint(string? Channel, long? Newest = null);
