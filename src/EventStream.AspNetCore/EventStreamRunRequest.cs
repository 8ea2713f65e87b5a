namespace EventStream.AspNetCore;

/// <summary>A run that starts when a stream of it opens, or by <see cref="StartAsync(CancellationToken)"/>, and not before.</summary>
/// <remarks>
/// <c>hub.Run(…)</c> returns it. A handler returns <c>Results.EventStream(() => hub.Run(…))</c>. Other code calls
/// <c>await hub.Run(…).StartAsync()</c>.
/// </remarks>
public abstract class EventStreamRunRequest
{
    private protected EventStreamRunRequest(EventStreamHub hub, string channel, EventStreamRunOptions options) =>
        (Hub, Channel, Options) = (hub, channel, options);

    internal EventStreamHub Hub { get; }

    /// <summary>The name of the channel that the run fills.</summary>
    public string Channel { get; }

    internal EventStreamRunOptions Options { get; }

    /// <summary>Starts the run, or joins the one that is there, also on another node.</summary>
    /// <param name="cancellationToken">Cancels the wait for a log. The run may have started.</param>
    /// <exception cref="EventStreamLogException">The log is unavailable. The run has not started, or it ends soon by itself.</exception>
    public Task<EventStreamRun> StartAsync(CancellationToken cancellationToken = default) =>
        StartAsync(mayRestart: true, cancellationToken);

    /// <summary>Notes that a result has taken it, which starts it when its stream opens.</summary>
    internal virtual void Use()
    {
    }

    /// <param name="mayRestart">Whether <see cref="EventStreamRunOptions.Restart"/> counts. Not for a client that reconnects.</param>
    /// <param name="cancellationToken">Cancels the wait for a log.</param>
    internal abstract Task<EventStreamRun> StartAsync(bool mayRestart, CancellationToken cancellationToken);
}
