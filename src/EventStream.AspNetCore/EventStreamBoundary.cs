namespace EventStream.AspNetCore;

/// <summary>Where a stream begins or ends.</summary>
/// <remarks><see cref="EventStreamProtocol.First"/> and <see cref="EventStreamProtocol.End"/> tell it to the client.</remarks>
/// <param name="Channel">The name of the channel, the first one of several; null for a stream of a plain source.</param>
/// <param name="LastEventId">The position that the client has, without the mark of the end; null if it has none.</param>
public readonly record struct EventStreamBoundary(string? Channel, string? LastEventId);
