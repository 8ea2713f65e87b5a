using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Channels;

/// <summary>The growing intervals at which a slow subscriber gets snapshots.</summary>
/// <remarks>
/// The first snapshot does not wait. Without the intervals, a channel that evicts faster than <c>OnGap</c> reads the state would call it in
/// a loop. Owned by the subscriber's loop.
/// </remarks>
internal sealed class SnapshotPace(TimeProvider time)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    // Longer than the longest wait with its jitter, because a wait does not show that the subscriber keeps up.
    private static readonly TimeSpan KeptUp = TimeSpan.FromMinutes(1);

    private TimeSpan _interval;
    private TimeSpan _wait;
    private long _takenAt;

    /// <summary>How long the next snapshot must wait.</summary>
    public TimeSpan Left => time.GetElapsedTime(_takenAt) is var elapsed && elapsed < _wait ? _wait - elapsed : TimeSpan.Zero;

    /// <summary>Whether a snapshot has waited.</summary>
    public bool HasWaited { get; private set; }

    /// <summary>Ends the wait.</summary>
    /// <remarks>
    /// It ignores the rest of the wait, because timers cut off fractions of a millisecond, and waiting for such a rest would loop.
    /// </remarks>
    public void Waited()
    {
        HasWaited = true;
        _wait = TimeSpan.Zero;
    }

    /// <summary>Notes that a snapshot is requested; resets the intervals after a minute without one.</summary>
    public void Begin()
    {
        if (time.GetElapsedTime(_takenAt) >= KeptUp) _interval = TimeSpan.Zero;
    }

    /// <summary>Notes that a snapshot was taken, and sets the next wait.</summary>
    public void End()
    {
        _interval = _interval == TimeSpan.Zero ? Shortest : _interval * 2 < Longest ? _interval * 2 : Longest;
        _wait = Jitter.Lengthen(_interval);
        _takenAt = time.GetTimestamp();
    }
}
