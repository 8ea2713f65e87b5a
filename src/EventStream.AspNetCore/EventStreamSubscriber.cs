namespace EventStream.AspNetCore;

/// <summary>A subscriber of a channel, at the moment of the request.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="ConnectionId">
/// The connection's id (<see cref="ConnectionInfo.Id"/>); with HTTP/2 several subscribers may share one. Empty if the app reads the channel
/// by <c>ReadAsync</c>.
/// </param>
/// <param name="User">The user of its subscription; null if there is none.</param>
/// <param name="Sequence">The sequence of the last message that was written to it, or skipped for it.</param>
/// <param name="Lag">How many messages it was behind the newest message of this node.</param>
/// <param name="JoinedAt">When it joined.</param>
public readonly record struct EventStreamSubscriber(
    EventStreamChannel Channel, string ConnectionId, string? User, long Sequence, long Lag, DateTimeOffset JoinedAt);
