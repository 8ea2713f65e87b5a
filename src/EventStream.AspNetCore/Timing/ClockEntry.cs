namespace EventStream.AspNetCore.Timing;

/// <summary>An object that a <see cref="Clock"/> calls when it is due.</summary>
internal abstract class ClockEntry
{
    /// <summary>The tick of an entry that is not due again.</summary>
    public const long Never = long.MaxValue;

    // Owned by the clock, under its lock; Due is read without it as well.
    internal ClockEntry? Next;
    internal ClockEntry? Previous;
    internal long Due = Never;
    internal bool IsLinked;
    internal bool IsRemoved;

    /// <summary>Handles what is due at <paramref name="now"/>, and returns the tick of the next call.</summary>
    /// <remarks>It must only set signals, and never block, because all streams share the clock's thread.</remarks>
    internal abstract long OnTick(long now);
}
