using System.Threading.RateLimiting;
using EventStream.AspNetCore.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Admission;

/// <summary>The permits that one stream holds until it has ended, except that of the total, which each stream holds.</summary>
/// <param name="leases">The leases of the limiters; null for none.</param>
internal readonly struct StreamPermits(RateLimitLease[]? leases)
{
    /// <summary>Returns the permits. Called once, by <see cref="StreamLimits"/>.</summary>
    /// <remarks>A lease of the app's own limiter may throw. That is logged, and the others are returned.</remarks>
    public void Return(ILogger logger, string? endpoint)
    {
        if (leases is null) return;
        foreach (var lease in leases)
        {
            try
            {
                lease.Dispose();
            }
            catch (Exception exception)
            {
                Log.LeaseThrew(logger, exception, endpoint);
            }
        }
    }
}
