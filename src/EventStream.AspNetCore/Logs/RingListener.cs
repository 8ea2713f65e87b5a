using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Logs;

/// <summary>Hears what the ring of a durable channel takes in: each message once, in order, by one call at a time.</summary>
/// <remarks>It must not throw: the messages that follow would not be heard.</remarks>
/// <param name="Taken">A message was taken in: also one of those that were in the log before.</param>
/// <param name="Missed">Messages were dropped from the log before this node had read them.</param>
/// <param name="CaughtUp">The ring has all that was in the log at a timestamp, and the listener has heard it.</param>
internal sealed record RingListener(Action<RingEntry> Taken, Action Missed, Action<long> CaughtUp);
