using System.Globalization;
using System.Runtime.InteropServices;
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

    [Fact(Timeout = 30_000, Skip = Rings.Needed, SkipType = typeof(Rings), SkipUnless = nameof(Rings.AreAllowed))]
    public async Task Return_KernelHasRefusedACall_OneEntrySaysSoAndAllBytesArriveWithoutRings()
    {
        var log = new LogRecorder();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        using var batches = new SendBatches(loggers);
        var outputs = await LoneOutput.OpenManyAsync(3, batches);
        var others = FindRings();
        batches.Return(batches.Rent()!);
        Break(FindRings().Except(others).Single());

        for (var round = 0; round < 3; round++)
        {
            SendBatch.OpenScope();
            foreach (var output in outputs)
            {
                output.TrySend("one "u8).Should().BeTrue();
                output.TrySend("two "u8).Should().BeTrue();
            }

            SendBatch.CloseScope();
            foreach (var output in outputs) (await output.ReadAsync(8)).Should().Equal("one two "u8.ToArray());
        }

        batches.Rent().Should().BeNull();
        log.Entries.Should().ContainSingle().Which.Message.Should().Be(
            "UseIoUring has no effect: the kernel has refused a call: Operation not supported. Each flush is a system call of its own.");
        foreach (var output in outputs) output.Dispose();
    }

    /// <summary>Makes the kernel refuse the calls of a ring, by putting another file in its place.</summary>
    private static void Break(int ring)
    {
        using var other = File.OpenHandle("/dev/null");
        DuplicateTo((int)other.DangerousGetHandle(), ring).Should().Be(ring);
    }

    [DllImport("libc", EntryPoint = "dup2")]
    private static extern int DuplicateTo(int file, int number);

    private static int CountRings() => FindRings().Length;

    private static int[] FindRings() => [.. Directory.GetFiles("/proc/self/fd")
        .Where(file => new FileInfo(file).LinkTarget is { } target && target.Contains("io_uring", StringComparison.Ordinal))
        .Select(file => int.Parse(Path.GetFileName(file), CultureInfo.InvariantCulture))];
}
