namespace EventStream.AspNetCore.Admission;

/// <summary>Gives each refused client a turn, so that refused clients return one after the other.</summary>
/// <remarks>
/// The next turn begins where the last one ended. So the time over which the clients return grows with each client that waits, and shrinks
/// while time passes. A client that returns without success gets a new turn, behind all others.
/// </remarks>
/// <param name="time">The app's clock.</param>
/// <param name="perSecond">How many turns a second has.</param>
internal sealed class RetryTurns(TimeProvider time, int perSecond)
{
    /// <summary>How far ahead turns are given.</summary>
    /// <remarks>A bound, because clients that ignore their turn and keep asking would otherwise move the turns of all others.</remarks>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();

    // The timestamp of the first turn that is free, under _gate.
    private long _free;

    /// <summary>The time until the first turn that is free.</summary>
    public TimeSpan Window
    {
        get
        {
            lock (_gate) return AheadOf(time.GetTimestamp());
        }
    }

    /// <summary>Takes a turn.</summary>
    /// <returns>The time until it; any time up to <see cref="Longest"/>, at random, if all turns until then are taken.</returns>
    public TimeSpan Take()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            var ahead = AheadOf(now);
            if (ahead < Longest)
            {
                _free = Math.Max(_free, now) + Math.Max(1, time.TimestampFrequency / perSecond);
                return ahead;
            }
        }

        return Longest * Random.Shared.NextDouble();
    }

    private TimeSpan AheadOf(long now) => _free > now ? time.GetElapsedTime(now, _free) : TimeSpan.Zero;
}
