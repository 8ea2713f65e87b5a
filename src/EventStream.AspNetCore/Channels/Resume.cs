namespace EventStream.AspNetCore.Channels;

/// <summary>What a request's <c>Last-Event-ID</c> says about one channel.</summary>
internal readonly record struct Resume
{
    private Resume(long sequence, EventStreamGapReason? gap)
    {
        Sequence = sequence;
        GapReason = gap;
    }

    /// <summary>Nothing: the subscriber is here for the first time.</summary>
    public static Resume None => new(-1, gap: null);

    /// <summary>The sequence after which it resumes; -1 if there is none.</summary>
    public long Sequence { get; }

    public EventStreamGapReason? GapReason { get; }

    public bool IsPosition => Sequence >= 0;

    public static Resume After(long sequence) => new(sequence, gap: null);

    public static Resume Gap(EventStreamGapReason reason) => new(-1, reason);
}
