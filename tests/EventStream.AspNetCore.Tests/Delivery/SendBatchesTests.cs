using EventStream.AspNetCore.Delivery;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventStream.AspNetCore.Tests.Delivery;

/// <summary>The rings of a server. The tests run alone, because they count those of the process.</summary>
[Collection(nameof(Alone))]
[Trait("Category", "Linux")]
public sealed class SendBatchesTests
{
    [Fact(Timeout = 30_000, Skip = Rings.Needed, SkipType = typeof(Rings), SkipUnless = nameof(Rings.AreAllowed))]
    public void Dispose_ABatchIsInUse_ItsRingIsClosedWhenItIsReturned()
    {
        var before = CountRings();
        using var batches = new SendBatches(NullLoggerFactory.Instance);
        var used = batches.Rent()!;
        batches.Return(batches.Rent() ?? used);
        CountRings().Should().BeGreaterThan(before);

        batches.Dispose();
        batches.Return(used);

        CountRings().Should().Be(before);
        batches.Rent().Should().BeNull();
    }

    [Fact(Timeout = 30_000, Skip = Rings.Needed, SkipType = typeof(Rings), SkipUnless = nameof(Rings.AreAllowed))]
    public void Rent_MoreThanProcessors_ReturnsNullUntilOneIsReturned()
    {
        using var batches = new SendBatches(NullLoggerFactory.Instance);
        var rented = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => batches.Rent()).ToArray();
        rented.Should().NotContainNulls();

        batches.Rent().Should().BeNull();

        batches.Return(rented[0]!);
        batches.Rent().Should().BeSameAs(rented[0]);
        foreach (var batch in rented) batches.Return(batch!);
    }

    private static int CountRings() => Directory.GetFiles("/proc/self/fd")
        .Count(file => new FileInfo(file).LinkTarget is { } target && target.Contains("io_uring", StringComparison.Ordinal));
}
