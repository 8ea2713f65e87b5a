namespace EventStream.Client;

/// <summary>Describes the attempt that follows after a wait.</summary>
/// <param name="Attempt">
/// The number of the next attempt, counted since the last attempt that delivered an event or was quiet for long. It is 1 after a stream
/// that ended well.
/// </param>
/// <param name="Delay">The wait before the attempt.</param>
/// <param name="LastEventId">
/// The position that the attempt will ask for. Empty if there is none: messages that the server sends during the wait are then lost.
/// </param>
/// <param name="Error">The error of the last attempt; null if the stream ended cleanly.</param>
public readonly record struct EventStreamClientRetrying(int Attempt, TimeSpan Delay, string LastEventId, Exception? Error);
