using EventStream.AspNetCore.Admission;

namespace EventStream.AspNetCore.Tests.Admission;

/// <summary>The limiter that counts streams: as the framework's for concurrency, without a lease for each permit.</summary>
public sealed class StreamLimiterTests
{
    [Fact(Timeout = 30_000)]
    public void Acquire_UpToTheLimit_IsAcquiredAndThenRefused()
    {
        using StreamLimiter limiter = new(2);
        var first = limiter.AttemptAcquire();
        limiter.AttemptAcquire().IsAcquired.Should().BeTrue();

        limiter.AttemptAcquire().IsAcquired.Should().BeFalse();
        limiter.Available.Should().Be(0);
        limiter.GetStatistics().CurrentAvailablePermits.Should().Be(0);
        first.Dispose();

        limiter.Available.Should().Be(1);
        limiter.AttemptAcquire().IsAcquired.Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public void Idle_WhileAPermitIsHeld_IsNull()
    {
        using StreamLimiter limiter = new(2);
        limiter.IdleDuration.Should().NotBeNull();
        var permit = limiter.AttemptAcquire();

        limiter.IdleDuration.Should().BeNull("the framework drops an idle partition, and this one counts a stream");
        limiter.AttemptAcquire().Dispose();
        limiter.IdleDuration.Should().BeNull();
        permit.Dispose();

        limiter.IdleDuration.Should().NotBeNull();
    }

    [Fact(Timeout = 30_000)]
    public async Task Acquire_ByManyThreads_NeverExceedsTheLimitAndLosesNoPermit()
    {
        const int limit = 7;
        using StreamLimiter limiter = new(limit);
        var (held, most) = (0, 0);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var permits = Enumerable.Range(0, 3).Select(_ => limiter.AttemptAcquire()).Where(permit => permit.IsAcquired).ToArray();
                var now = Interlocked.Add(ref held, permits.Length);
                InterlockedMax(ref most, now);
                Interlocked.Add(ref held, -permits.Length);
                foreach (var permit in permits) permit.Dispose();
            }
        })));

        most.Should().BeInRange(1, limit);
        limiter.Available.Should().Be(limit);
    }

    [Fact(Timeout = 30_000)]
    public void Acquire_Permits_AllocatesNothing()
    {
        using StreamLimiter limiter = new(1000);
        limiter.AttemptAcquire().Dispose();
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++) limiter.AttemptAcquire();

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        var seen = Volatile.Read(ref most);
        while (value > seen)
        {
            var before = Interlocked.CompareExchange(ref most, value, seen);
            if (before == seen) return;
            seen = before;
        }
    }
}
