namespace EventStream.AspNetCore.Sources;

/// <summary>The result of a poll of a <see cref="FrameCursor"/>.</summary>
internal enum PollResult
{
    /// <summary>Nothing is ready. The cursor sets the loop's signal as soon as something may be.</summary>
    Pending,

    /// <summary>There is something to write.</summary>
    Ready,

    /// <summary>The source has ended.</summary>
    Ended,
}
