namespace EventStream.PostgreSql.Runs;

/// <summary>What a claim does with the run of its channel.</summary>
internal enum ClaimStep
{
    /// <summary>It returns the run that is there, or that the channel is complete.</summary>
    Join,

    /// <summary>Its token holds the run from now on: a new one, one that it takes over, or its own.</summary>
    Hold,

    /// <summary>The run, whose stop was requested before its owner died, is stopped and returned.</summary>
    Stop,

    /// <summary>The channel is dropped with its run, and its token holds the run of a new one.</summary>
    Restart,
}
