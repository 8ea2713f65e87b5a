namespace EventStream.AspNetCore;

/// <summary>Why there is a gap.</summary>
public enum EventStreamGapReason
{
    /// <summary><c>evicted</c>: the messages after the position are no longer retained.</summary>
    Evicted,

    /// <summary><c>slow</c>: the connected subscriber read more slowly than the ring evicted messages.</summary>
    Slow,

    /// <summary><c>restarted</c>: the position is of an earlier epoch of the channel, and that history is lost.</summary>
    Restarted,

    /// <summary><c>unknown</c>: the position is of another channel.</summary>
    Unknown,

    /// <summary><c>future</c>: the position has not been published yet.</summary>
    Future,

    /// <summary><c>malformed</c>: the text is not a position.</summary>
    Malformed,
}
