namespace EventStream.Client;

/// <summary>Another attempt follows after a wait.</summary>
/// <param name="Attempt">
/// The number of the attempt to come, counted from the last one that brought an event or was quiet for long: 1 after an end of which
/// nothing is wrong.
/// </param>
/// <param name="Delay">The wait before it.</param>
/// <param name="LastEventId">The position it will ask for; empty if there is none, and what was sent meanwhile is then lost.</param>
/// <param name="Error">What broke the last attempt; null if the stream ended cleanly.</param>
public readonly record struct EventStreamClientRetrying(int Attempt, TimeSpan Delay, string LastEventId, Exception? Error);
