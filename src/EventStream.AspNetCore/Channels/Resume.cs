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

    public EventStreamGapReason? GapReason { get; }

    public bool IsPosition => Sequence >= 0;

    public static Resume After(long sequence) => new(sequence, gap: null);

    public static Resume Gap(EventStreamGapReason reason) => new(-1, reason);
}
