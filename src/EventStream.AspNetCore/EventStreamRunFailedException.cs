namespace EventStream.AspNetCore;

/// <summary>The run of a channel has failed: its producer has thrown on another node, or its node has died.</summary>
/// <remarks>
/// A loop over <see cref="EventStreamChannel.ReadAsync(EventStreamPosition?, EventStreamSubscriptionOptions?, CancellationToken)"/>
/// throws it after the messages that are there. The streams of clients are aborted. On a channel in memory they get the producer's own
/// exception.
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
