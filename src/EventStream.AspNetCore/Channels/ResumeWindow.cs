namespace EventStream.AspNetCore.Channels;

/// <summary>What of a history can be had at one moment.</summary>
/// <param name="BeforeOldest">The sequence after which everything that can be had begins; smaller ones are a gap.</param>
/// <param name="BeforeLast">The sequence after which so many of the newest messages begin as a subscriber without a position gets.</param>
/// <param name="Newest">The sequence of the newest message; 0 before the first.</param>
/// <param name="IsOfRun">Whether it is a run's, which is read from its first message.</param>
internal readonly record struct ResumeWindow(long BeforeOldest, long BeforeLast, long Newest, bool IsOfRun);
