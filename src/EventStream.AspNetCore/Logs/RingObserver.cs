using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Logs;

/// <summary>The callbacks for messages that a log channel's ring receives: each message once, in order, one call at a time.</summary>
/// <remarks>A callback must not throw, because the messages that follow would not be observed.</remarks>
/// <param name="OnMessage">The ring got a message. Messages that were in the log before this node started count as well.</param>
/// <param name="OnGap">The log has evicted messages that this node had not read.</param>
/// <param name="OnCaughtUp">
/// The ring has all messages that the log had at this timestamp, and <paramref name="OnMessage"/> was called for each of them.
/// </param>
internal sealed record RingObserver(Action<RingEntry> OnMessage, Action OnGap, Action<long> OnCaughtUp);
