namespace EventStream.AspNetCore;

/// <summary>What the producer of a run gets.</summary>
public sealed class EventStreamRunContext
{
    internal EventStreamRunContext(EventStreamChannel channel, IServiceProvider services) => (Channel, Services) = (channel, services);

    /// <summary>The channel that the run fills.</summary>
    public EventStreamChannel Channel { get; }

    /// <summary>Services whose scope ends with the run, and not with a request.</summary>
    public IServiceProvider Services { get; }

    /// <summary>Cancelled when the run is stopped, when another node has taken it over, and when the host has drained.</summary>
    public CancellationToken Stop { get; internal init; }

    /// <summary>How many messages the channel has from before. Not 0 after another node had begun the run.</summary>
    /// <remarks>A job with checkpoints continues behind them. A model may start its answer again.</remarks>
    public long Messages { get; internal init; }

    /// <summary>The position of the newest of them; null if there is none.</summary>
    public EventStreamPosition? Last { get; internal init; }
}
