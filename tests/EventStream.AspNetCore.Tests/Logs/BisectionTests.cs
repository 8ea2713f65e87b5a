using EventStream.AspNetCore.Logs;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>How rejected items of a batch are found, and in how many tries.</summary>
public sealed class BisectionTests
{
    [Theory(Timeout = 30_000)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(1024)]
    public async Task Items_AllRejected_AreFoundInAboutOneTryEach(int count)
    {
        var (rejected, tries) = Find(count, _ => true);

        rejected.Should().Equal(Enumerable.Range(0, count));
        tries.Should().BeLessThanOrEqualTo(count + Log2(count));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(100, 0)]
    [InlineData(100, 99)]
    [InlineData(100, 0, 99)]
    [InlineData(100, 49, 50)]
    [InlineData(100, 9, 19, 29, 39, 49, 59, 69, 79, 89, 99)]
    [InlineData(100, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)]
    [InlineData(100, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99)]
    [InlineData(1024, 511, 512)]
    [InlineData(3, 1)]
    [InlineData(2, 1)]
    public async Task Items_SomeRejected_AreFoundInAFewTriesEach(int count, params int[] bad)
    {
        var (rejected, tries) = Find(count, bad.Contains);

        rejected.Should().Equal(bad);
        tries.Should().BeLessThanOrEqualTo(Most(count, bad.Length));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(2, 64)]
    [InlineData(2, 1024)]
    [InlineData(3, 1000)]
    [InlineData(17, 1000)]
    public async Task Items_EveryFewRejected_NeverTakeTwoTriesEach(int every, int count)
    {
        var (rejected, tries) = Find(count, item => item % every == 0);

        rejected.Should().HaveCount((count + every - 1) / every);
        tries.Should().BeLessThan(Math.Min(2 * count, Most(count, rejected.Count)));
    }

    [Fact(Timeout = 30_000)]
    public async Task Items_RejectedAtRandom_AreThoseThatAreFound()
    {
        var random = new Random(20_260_101);
        for (var run = 0; run < 2000; run++)
        {
            var count = random.Next(1, 300);
            var share = random.NextDouble() * random.NextDouble();
            int[] bad = [.. Enumerable.Range(0, count).Where(_ => random.NextDouble() < share)];

            var (rejected, tries) = Find(count, bad.Contains);

            rejected.Should().Equal(bad);
            tries.Should().BeLessThanOrEqualTo(Most(count, bad.Length), $"{bad.Length} of {count} were rejected in run {run}");
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Reset_WhileAnItemIsLookedFor_TriesAllAgain()
    {
        var bisection = new Bisection();
        bisection.Reject(bisection.Next(100));
        bisection.Next(100).Should().Be(50);

        bisection.Reset();

        bisection.Next(100).Should().Be(100);
    }

    [Fact(Timeout = 30_000)]
    public async Task Next_AfterMillionsOfSuccesses_IsAsMuchAsThereIs()
    {
        var bisection = new Bisection();
        for (var i = 0; i < 100; i++) bisection.Accept(1_000_000);

        bisection.Next(1000).Should().Be(1000);
    }

    /// <summary>The most tries for a batch of which some are rejected: about 2·r·log₂ n more than one.</summary>
    internal static int Most(int count, int rejected) => rejected == 0 ? 1 : 2 + (2 * rejected * Log2(count));

    private static int Log2(int count) => (int)Math.Ceiling(Math.Log2(count));

    private static (List<int> Rejected, int Tries) Find(int count, Func<int, bool> isBad)
    {
        var bisection = new Bisection();
        List<int> rejected = [];
        var tries = 0;
        for (var at = 0; at < count; tries++)
        {
            var size = bisection.Next(count - at);
            if (!Enumerable.Range(at, size).Any(isBad))
            {
                bisection.Accept(size);
            }
            else
            {
                if (!bisection.Reject(size)) continue;
                rejected.Add(at);
            }

            at += size;
        }

        return (rejected, tries);
    }
}
