namespace EventStream.AspNetCore;

/// <summary>A node's claim of a run; see <see cref="IEventStreamRunLog.ClaimRunAsync"/>.</summary>
public sealed record EventStreamRunClaim
{
    /// <summary>The channel's name: 1 to 256 characters, compared by ordinal.</summary>
    public required string Channel { get; init; }

    /// <summary>The token of this claim, at most 64 ASCII characters. No other claim has it.</summary>
    public required string Token { get; init; }

    /// <summary>The name of the node, for people: at most 256 characters.</summary>
    public required string Node { get; init; }

    /// <summary>The token of an earlier claim of the same node, which this claim replaces if it still holds the run.</summary>
    /// <remarks>
    /// A node whose append has failed cannot know whether it may still arrive. After a claim that replaces the token, the log refuses it.
    /// Only <see cref="IEventStreamRunLog.TakeOverRunAsync"/> looks at it.
    /// </remarks>
    /// <value>Null by default: none.</value>
    public string? Replaces { get; init; }

    /// <summary>How long the claim holds the run without a renewal.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>Whether a run that is complete or stopped begins anew.</summary>
    /// <value>False by default.</value>
    public bool Restarts { get; init; }

    /// <summary>Whether the run may be taken over, and whether this claim may take one over.</summary>
    /// <value>False by default.</value>
    public bool TakesOver { get; init; }
}
