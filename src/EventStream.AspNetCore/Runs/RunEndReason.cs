namespace EventStream.AspNetCore.Runs;

/// <summary>Why this node's producer of a run yields nothing more.</summary>
internal enum RunEndReason
{
    /// <summary>The producer has yielded everything, or has thrown.</summary>
    Producer,

    /// <summary>A stop was requested, or no subscriber reads the run. The producer has a moment for its last messages.</summary>
    Stopped,

    /// <summary>The host begins to stop, and another node continues the run.</summary>
    HandedOver,

    /// <summary>This node does not hold the run any more: it was ended or taken over, or its channel was completed by hand.</summary>
    Lost,

    /// <summary>This node could not renew its lease in time.</summary>
    LeaseOver,

    /// <summary>The host has drained.</summary>
    HostStopped,

    /// <summary>The log has not appended the run's messages, or may not have.</summary>
    NotAppended,
}
