namespace EventStream.AspNetCore;

/// <summary>Where a stream begins or ends.</summary>
/// <remarks><see cref="EventStreamProtocol.First"/> and <see cref="EventStreamProtocol.End"/> announce it to the client.</remarks>
/// <param name="Channel">The channel's name; of several channels, the first. Null for a stream of a plain source.</param>
/// <param name="LastEventId">The position that the client has, without the end mark. Null if it has none.</param>
public readonly record struct EventStreamBoundary(string? Channel, string? LastEventId);
