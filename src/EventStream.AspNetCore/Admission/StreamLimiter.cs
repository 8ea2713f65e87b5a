using System.Diagnostics;
using System.Threading.RateLimiting;

namespace EventStream.AspNetCore.Admission;

/// <summary>A limiter of concurrency without a queue, whose leases cost no memory.</summary>
/// <remarks>
/// The framework's <see cref="ConcurrencyLimiter"/> allocates a lease of 40 bytes for each permit. A stream would hold three or four of
/// them for as long as it is open. Here all permits have one lease. So a lease must be disposed of once for each permit, and no more.
/// </remarks>
internal sealed class StreamLimiter : RateLimiter
{
    private readonly int _limit;
    private readonly Lease _permit;

    // Changed by interlocked operations.
    private int _held;

    // The timestamp since which nothing is held, which the framework's partitions read. Written by the thread that returns a permit.
    private long _idleSince = Stopwatch.GetTimestamp();

    /// <param name="limit">How many permits there are; at least 1.</param>
    public StreamLimiter(int limit)
    {
        _limit = limit;
        _permit = new(this);
    }

    /// <summary>How many permits are left.</summary>
    public int Available => _limit - Volatile.Read(ref _held);

    public override TimeSpan? IdleDuration =>
        Volatile.Read(ref _held) == 0 ? Stopwatch.GetElapsedTime(Volatile.Read(ref _idleSince)) : null;

    public override RateLimiterStatistics GetStatistics() => new() { CurrentAvailablePermits = Available };

    /// <summary>Holds a permit without a lease, if one is left.</summary>
    public bool TryHold()
    {
        var held = Volatile.Read(ref _held);
        while (held < _limit)
        {
            var seen = Interlocked.CompareExchange(ref _held, held + 1, held);
            if (seen == held) return true;
            held = seen;
        }

        return false;
    }

    /// <summary>Returns a permit that is held.</summary>
    public void Return()
    {
        // Before the permit is returned, so that a partition that has just become idle does not look idle for long.
        Volatile.Write(ref _idleSince, Stopwatch.GetTimestamp());
        Interlocked.Decrement(ref _held);
    }

    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        Debug.Assert(permitCount == 1, "A stream acquires one permit.");
        return TryHold() ? _permit : Lease.Refusal;
    }

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        new(AttemptAcquireCore(permitCount));

    private sealed class Lease(StreamLimiter? limiter) : RateLimitLease
    {
        public static Lease Refusal { get; } = new(limiter: null);

        public override bool IsAcquired => limiter is not null;

        public override IEnumerable<string> MetadataNames => [];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = null;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            limiter?.Return();
            base.Dispose(disposing);
        }
    }
}
