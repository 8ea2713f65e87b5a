using System.Diagnostics;

namespace EventStream.Conformance.Wire;

/// <summary>A limit that several waits share.</summary>
internal readonly struct Deadline(TimeSpan limit)
{
    private readonly long _started = Stopwatch.GetTimestamp();

    public TimeSpan Passed => Stopwatch.GetElapsedTime(_started);

    public bool IsOver => Passed >= limit;

    /// <summary>Never negative.</summary>
    public TimeSpan Left => limit - Passed is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
