namespace EventStream.AspNetCore;

/// <summary>The run of a channel of a log has failed: its producer has thrown, or its node has died.</summary>
/// <remarks>
/// A loop over <see cref="EventStreamChannel.ReadAsync(EventStreamPosition?, EventStreamSubscriptionOptions?, CancellationToken)"/>
/// throws it on every node, after the messages that are there. The streams of clients are aborted. If the last messages have told the
/// readers, both end cleanly instead. A loop over a channel in memory throws the producer's own exception.
/// </remarks>
public sealed class EventStreamRunFailedException : Exception
{
    /// <summary>The run of a channel has failed.</summary>
    /// <param name="message">Which run, and where to look for the reason.</param>
    public EventStreamRunFailedException(string message)
        : base(message)
    {
    }
}
