namespace EventStream.AspNetCore;

/// <summary>Why there is a gap.</summary>
public enum EventStreamGapReason
{
    /// <summary><c>evicted</c>: what followed the position is not retained any more.</summary>
    Evicted,

    /// <summary><c>slow</c>: the subscriber was connected, and read more slowly than messages were evicted from the ring.</summary>
    Slow,

    /// <summary><c>restarted</c>: the position is of an earlier epoch of the channel, whose history is lost.</summary>
    Restarted,

    /// <summary><c>unknown</c>: the position is of another channel.</summary>
    Unknown,

    /// <summary><c>future</c>: the position has not been published yet.</summary>
    Future,

    /// <summary><c>malformed</c>: the position is none that a channel gives out.</summary>
    Malformed,
}
