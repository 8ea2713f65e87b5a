namespace EventStream.AspNetCore.Channels;

/// <summary>The position, gap or nothing that a request's <c>Last-Event-ID</c> has for one channel.</summary>
internal readonly record struct Resume
{
    private Resume(long sequence, EventStreamGapReason? gap)
    {
        Sequence = sequence;
        GapReason = gap;
    }

    /// <summary>No position: it is the subscriber's first visit.</summary>
    public static Resume None => new(-1, gap: null);

    /// <summary>The sequence after which it resumes; -1 if there is none.</summary>
    public long Sequence { get; }

    /// <summary>Why there is no position; see <see cref="IsOfOther"/> for one at which a client begins.</summary>
    public EventStreamGapReason? GapReason { get; }

    public bool IsPosition => Sequence >= 0;

    /// <summary>Whether the client has a position of another history, which may be newer than what this node has read.</summary>
    public bool IsOfOther => GapReason == EventStreamGapReason.Restarted;

    public static Resume After(long sequence) => new(sequence, gap: null);

    /// <summary>The client has read another history to its end. It has lost nothing, and begins with the first message.</summary>
    public static Resume AfterOther => new(0, EventStreamGapReason.Restarted);

    public static Resume Gap(EventStreamGapReason reason) => new(-1, reason);
}
