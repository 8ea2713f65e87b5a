namespace EventStream.AspNetCore;

/// <summary>One subscriber of a channel, as it was when it was asked for.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="ConnectionId">
/// The connection's id (<see cref="ConnectionInfo.Id"/>); with HTTP/2 several subscribers may share one. Empty where the app reads the
/// channel itself, by <c>ReadAsync</c>.
/// </param>
/// <param name="User">The user of its subscription; null if there is none.</param>
/// <param name="Sequence">The last message that was written to it, or passed over for it.</param>
/// <param name="Lag">How many messages it was behind the newest one that this node had.</param>
/// <param name="JoinedAt">When it joined.</param>
public readonly record struct EventStreamSubscriber(
    EventStreamChannel Channel, string ConnectionId, string? User, long Sequence, long Lag, DateTimeOffset JoinedAt);
