using System.Threading.RateLimiting;

namespace EventStream.AspNetCore.Admission;

/// <summary>The permits that one stream holds until it has ended. Without limits it holds none, and costs one null reference.</summary>
/// <param name="leases">The leases of the limiters; null for none.</param>
internal readonly struct StreamPermits(RateLimitLease[]? leases)
{
    /// <summary>Returns the permits. It must be called once: see <see cref="StreamLimiter"/>.</summary>
    public void Return()
    {
        if (leases is null) return;
        foreach (var lease in leases) lease.Dispose();
    }
}
