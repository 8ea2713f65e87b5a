using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Channels;

/// <summary>
/// The intervals at which one subscriber gets snapshots: none before the first, and growing ones while it does not keep up.
/// </summary>
/// <remarks>
/// Without it, a channel that moves on faster than <c>OnGap</c> reads the state would have it read in a loop.
/// Owned by the subscriber's loop.
/// </remarks>
internal sealed class SnapshotPace(TimeProvider time)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    // Longer than the longest wait with its jitter, which is no time in which a subscriber has kept up.
    private static readonly TimeSpan KeptUp = TimeSpan.FromMinutes(1);

    private TimeSpan _interval;
    private TimeSpan _wait;
    private long _takenAt;

    /// <summary>How long the next snapshot has to wait.</summary>
    public TimeSpan Left => time.GetElapsedTime(_takenAt) is var elapsed && elapsed < _wait ? _wait - elapsed : TimeSpan.Zero;

    /// <summary>Whether a snapshot had to wait already.</summary>
    public bool HasWaited { get; private set; }

    /// <summary>
    /// The wait is over, whatever is left of it: timers drop fractions of a millisecond, and a wait for those would end at once.
    /// </summary>
    public void Waited()
    {
        HasWaited = true;
        _wait = TimeSpan.Zero;
    }

    /// <summary>A snapshot is going to be taken. After a time without one, the intervals begin anew.</summary>
    public void Begin()
    {
        if (time.GetElapsedTime(_takenAt) >= KeptUp) _interval = TimeSpan.Zero;
    }

    /// <summary>A snapshot was taken.</summary>
    public void End()
    {
        _interval = _interval == TimeSpan.Zero ? Shortest : _interval * 2 < Longest ? _interval * 2 : Longest;
        _wait = Jitter.Lengthen(_interval);
        _takenAt = time.GetTimestamp();
    }
}
