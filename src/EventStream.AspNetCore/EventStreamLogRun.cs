namespace EventStream.AspNetCore;

/// <summary>A run as a log has it; see <see cref="IEventStreamRunLog"/>.</summary>
public sealed record EventStreamLogRun
{
    /// <summary>The channel's name.</summary>
    public required string Channel { get; init; }

    /// <summary>The channel's epoch.</summary>
    public required string Epoch { get; init; }

    /// <summary>The sequence of the channel's newest record; 0 before the first.</summary>
    public long Newest { get; init; }

    /// <summary>The token of the claim that holds the run, or held it last.</summary>
    /// <value>Null: the channel was completed without a run.</value>
    public string? Token { get; init; }

    /// <summary>The state.</summary>
    public required EventStreamRunState State { get; init; }

    /// <summary>The name of the node that owns the run, or owned it last.</summary>
    /// <value>Null: the channel was completed without a run.</value>
    public string? Node { get; init; }

    /// <summary>When it started, if it is running; otherwise when it ended. On the log's clock.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Whether another node may take the run over when its lease is over.</summary>
    public bool TakesOver { get; init; }

    /// <summary>Whether a stop was requested, and the run goes on until its owner has read that.</summary>
    public bool IsStopRequested { get; init; }

    /// <summary>Whether it is running, and its lease is over.</summary>
    public bool IsLeaseOver { get; init; }
}
