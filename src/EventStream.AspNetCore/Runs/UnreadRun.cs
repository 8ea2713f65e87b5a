namespace EventStream.AspNetCore.Runs;

/// <summary>Stops a run that no subscriber on any node reads: <see cref="EventStreamRunOptions.StopWhenUnread"/>.</summary>
internal sealed class UnreadRun(OwnedRun run, TimeSpan limit, TimeProvider time)
{
    // Owned by the timer that calls Check, after the constructor.
    private long _readAt = time.GetTimestamp();

    /// <summary>Looks for subscribers. Called once a second.</summary>
    /// <remarks>
    /// It gets the channel anew. A channel of a log that is not in use on this node, because the producer is silent, has no count.
    /// </remarks>
    public void Check()
    {
        var channel = run.Channel.Registry.Get(run.Channel.Name).Channel;
        if (channel.TotalSubscriberCount > 0) _readAt = time.GetTimestamp();
        else if (time.GetElapsedTime(_readAt) >= limit) run.Stop(RunEndReason.Stopped);
    }
}
