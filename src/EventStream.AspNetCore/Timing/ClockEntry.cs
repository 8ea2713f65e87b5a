namespace EventStream.AspNetCore.Timing;

/// <summary>Something that a <see cref="Clock"/> calls when it is due.</summary>
internal abstract class ClockEntry
{
    /// <summary>Never due again.</summary>
    public const long Never = long.MaxValue;

    // Owned by the clock, under its lock; Due is read without it as well.
    internal ClockEntry? Next;
    internal ClockEntry? Previous;
    internal long Due = Never;
    internal bool IsLinked;
    internal bool IsRemoved;

    /// <summary>
    /// Looks at what is due at <paramref name="now"/>, only signals and never blocks, and returns the tick at which to be called again.
    /// </summary>
    internal abstract long OnTick(long now);
}
