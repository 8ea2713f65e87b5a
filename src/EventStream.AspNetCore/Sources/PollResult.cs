namespace EventStream.AspNetCore.Sources;

/// <summary>What a <see cref="FrameCursor"/> has when it is polled.</summary>
internal enum PollResult
{
    /// <summary>Nothing now. The cursor sets the loop's signal as soon as there may be something.</summary>
    Pending,

    /// <summary>Something to write.</summary>
    Ready,

    /// <summary>Nothing more, now or later.</summary>
    Ended,
}
