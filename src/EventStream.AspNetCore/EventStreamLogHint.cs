namespace EventStream.AspNetCore;

/// <summary>That a channel may have got something new; see <see cref="IEventStreamLog.FollowAsync"/>.</summary>
/// <param name="Channel">The channel's name; null: any channel.</param>
/// <param name="Newest">
/// The sequence of its newest message, so that a node that has it need not read; null, the default, if that is
/// not known, or the channel is complete.
/// </param>
public readonly record struct EventStreamLogHint(string? Channel, long? Newest = null);
