namespace EventStream.AspNetCore.Channels;

/// <summary>The part of a history that can be read at one moment.</summary>
/// <param name="BeforeOldest">The sequence after which the history can be read; a position before it is a gap.</param>
/// <param name="BeforeLast">The sequence after which a subscriber without a position begins.</param>
/// <param name="Newest">The sequence of the newest message; 0 before the first.</param>
/// <param name="IsOfRun">Whether it is a run's history, which subscribers read from its first message.</param>
internal readonly record struct ResumeWindow(long BeforeOldest, long BeforeLast, long Newest, bool IsOfRun);
