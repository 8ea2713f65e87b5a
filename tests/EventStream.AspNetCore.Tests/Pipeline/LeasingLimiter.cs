using System.Threading.RateLimiting;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>A limiter of an app, whose leases a test makes.</summary>
/// <param name="lease">Makes the lease of each stream.</param>
internal sealed class LeasingLimiter(Func<RateLimitLease> lease) : PartitionedRateLimiter<HttpContext>
{
    public override RateLimiterStatistics? GetStatistics(HttpContext resource) => null;

    protected override RateLimitLease AttemptAcquireCore(HttpContext resource, int permitCount) => lease();

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(
        HttpContext resource, int permitCount, CancellationToken cancellationToken) => new(lease());
}
