namespace EventStream.AspNetCore;

/// <summary>A run: a producer that writes to a channel, and outlives the request that has started it.</summary>
/// <remarks>
/// Its state is that of the moment when the object was made; <see cref="EventStreamHubRunExtensions.GetRunAsync"/> gets it anew. Safe from
/// any thread.
/// </remarks>
public sealed class EventStreamRun
{
    private readonly Func<CancellationToken, Task<EventStreamRun?>> _stop;

    internal EventStreamRun(EventStreamChannel channel, Func<CancellationToken, Task<EventStreamRun?>> stop) =>
        (Channel, _stop) = (channel, stop);

    /// <summary>The channel that the run fills. Its subscribers begin with the first message.</summary>
    public EventStreamChannel Channel { get; }

    /// <summary>The state.</summary>
    public EventStreamRunState State { get; internal init; }

    /// <summary>When it started, if it is running; otherwise when it ended.</summary>
    public DateTimeOffset Since { get; internal init; }

    /// <summary>The name of the node that owns the run, or owned it last: the machine and the process.</summary>
    public string Node { get; internal init; } = "";

    /// <summary>Whether the call that returned it has started it.</summary>
    /// <value>False: it was joined, or looked up.</value>
    public bool IsNew { get; internal init; }

    /// <summary>Stops this run, on any node.</summary>
    /// <remarks>
    /// As <see cref="EventStreamHubRunExtensions.StopRunAsync"/>, but a run of the same channel that has begun anew meanwhile goes on.
    /// </remarks>
    /// <param name="cancellationToken">Cancels the wait for a log.</param>
    /// <returns>The run as it is then. A run that was over stays as it is. Null: the log does not have it any more.</returns>
    /// <exception cref="EventStreamLogException">The log is unavailable.</exception>
    public Task<EventStreamRun?> StopAsync(CancellationToken cancellationToken = default) => _stop(cancellationToken);
}
