namespace EventStream.AspNetCore;

/// <summary>The state of a run.</summary>
public enum EventStreamRunState
{
    /// <summary>Its producer runs, or its node has died and the log does not know it yet.</summary>
    Running,

    /// <summary>Its producer has yielded everything. The channel is complete.</summary>
    Complete,

    /// <summary>It was stopped before its end. The channel is complete, with what the producer had yielded.</summary>
    Stopped,

    /// <summary>Its producer has thrown, or its node has died. The next call of <c>hub.Run</c> starts it anew.</summary>
    Failed,
}
