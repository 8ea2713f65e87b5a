using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Logs;

/// <summary>What is told of all that the ring of a durable channel takes in: one call at a time, in order, each message once. It must not throw.</summary>
/// <param name="Taken">A message was taken in: also one of those that were in the log before.</param>
/// <param name="Missed">Messages were dropped from the log before this node had read them.</param>
/// <param name="CaughtUp">The ring has all that was in the log at a timestamp, and all of it was told.</param>
internal sealed record RingListener(Action<LogEntry> Taken, Action Missed, Action<long> CaughtUp);
