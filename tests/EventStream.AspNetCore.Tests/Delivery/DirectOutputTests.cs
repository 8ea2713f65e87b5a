using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using EventStream.AspNetCore.Delivery;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Delivery;

/// <summary>The output of one connection, on a real socket.</summary>
public sealed class DirectOutputTests
{
    private const int FewBytes = LoneOutput.Limit / 2;

    [Fact(Timeout = 60_000)]
    public async Task WritesOfRandomSizes_ToASlowReader_ArriveInOrder()
    {
        using var output = await LoneOutput.OpenAsync(batches: null, isTiny: true);
        var random = new Random(18);
        var bytes = new byte[300_000];
        random.NextBytes(bytes);

        var reading = output.ReadAsync(bytes.Length);
        await WriteAsync(output.Output, bytes, random);

        (await reading).AsSpan().SequenceEqual(bytes).Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task Flush_BacklogHoldsMoreThanTheLimit_WaitsUntilTheReaderHasRead()
    {
        using var output = await LoneOutput.OpenAsync(batches: null, isTiny: true);

        output.Output.Write(new byte[LoneOutput.Limit / 2]);
        output.Output.FlushAsync().IsCompletedSuccessfully.Should().BeTrue();
        output.Output.Write(new byte[LoneOutput.Limit]);
        var flush = output.Output.FlushAsync().AsTask();

        flush.IsCompleted.Should().BeFalse();
        await output.ReadAsync(LoneOutput.Limit / 2 * 3);
        (await flush.OrFail()).IsCompleted.Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task TrySend_SocketIsFull_BytesWaitInOrderUpToAQuarterOfTheLimitAndThenItIsFalse()
    {
        using var output = await LoneOutput.OpenAsync(batches: null, isTiny: true);
        output.Write(new byte[12_000]);
        output.Output.IsBehind.Should().BeTrue();

        output.TrySend("behind"u8).Should().BeTrue();
        output.TrySend(new byte[LoneOutput.Limit / 4]).Should().BeFalse("Kestrel must count what waits beyond a quarter of the limit");

        (await output.ReadAsync(12_000)).Should().OnlyContain(one => one == 0);
        (await output.ReadAsync(6)).Should().Equal("behind"u8.ToArray());
    }

    [Fact(Timeout = 30_000)]
    public async Task Flushes_OfAFewBytesAndMany_ArriveInOrderWithFewerSends()
    {
        using var output = await LoneOutput.OpenAsync(batches: null);

        // Fewer bytes than a quarter of the limit, so that all may wait.
        const int Count = 4000;

        for (var i = 0; i < Count; i++) output.TrySend(BitConverter.GetBytes(i)).Should().BeTrue();

        var bytes = await output.ReadAsync(Count * sizeof(int));
        MemoryMarshal.Cast<byte, int>(bytes).ToArray().Should().Equal(Enumerable.Range(0, Count));
        output.Segments.Should().BeLessThan(Count / 2, "the loop takes all that has come meanwhile");
    }

    [Fact(Timeout = 30_000)]
    public async Task TrySend_UnflushedBytesAreThere_IsFalseAndTheyKeepTheirPlace()
    {
        using var output = await LoneOutput.OpenAsync(batches: null);
        output.Output.Write("one "u8);

        output.Output.TrySend("past"u8).Should().BeFalse();

        output.Output.UnflushedBytes.Should().Be(4);
        output.Write("two"u8);
        (await output.ReadAsync(7)).Should().Equal("one two"u8.ToArray());
    }

    [Fact(Timeout = 30_000)]
    public async Task TrySend_MoreThanMayWait_IsFalseSoThatKestrelSeesTheWait()
    {
        using var output = await LoneOutput.OpenAsync(batches: null, isTiny: true);

        output.Output.TrySend(new byte[LoneOutput.Limit]).Should().BeFalse();

        output.Output.TrySend(new byte[LoneOutput.Limit - 1]).Should().BeTrue();
        output.Output.Result().IsCompletedSuccessfully.Should().BeTrue("what is sent past Kestrel never waits");
    }

    [Fact(Timeout = 30_000)]
    public async Task CancelPendingFlush_WhileOneWaitsAndBefore_ThatFlushOrTheNextIsCanceled()
    {
        using var output = await LoneOutput.OpenAsync(batches: null, isTiny: true);

        output.Output.CancelPendingFlush();
        (await output.Output.FlushAsync().AsTask().OrFail()).IsCanceled.Should().BeTrue();
        (await output.Output.FlushAsync().AsTask().OrFail()).IsCanceled.Should().BeFalse();

        output.Output.Write(new byte[2 * LoneOutput.Limit]);
        var flush = output.Output.FlushAsync().AsTask();
        flush.IsCompleted.Should().BeFalse();
        output.Output.CancelPendingFlush();
        (await flush.OrFail()).IsCanceled.Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task CancelPendingFlush_BytesWaitAndNoFlush_TheNextFlushIsCanceledAndNoLaterOne()
    {
        using var output = await LoneOutput.OpenAsync(batches: null, isTiny: true);
        await FallBehindAsync(output);

        output.Output.CancelPendingFlush();
        await CatchUpAsync(output);

        (await output.Output.FlushAsync().AsTask().OrFail()).IsCanceled.Should().BeTrue();
        (await output.Output.FlushAsync().AsTask().OrFail()).IsCanceled.Should().BeFalse();
        (await FallBehindAsync(output)).IsCanceled.Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task CancelPendingFlush_BeforeBytesWait_TheNextFlushIsCanceledAndNoLaterOne()
    {
        using var output = await LoneOutput.OpenAsync(batches: null, isTiny: true);

        output.Output.CancelPendingFlush();

        (await FallBehindAsync(output)).IsCanceled.Should().BeTrue();
        (await output.Output.FlushAsync().AsTask().OrFail()).IsCanceled.Should().BeFalse();
        await CatchUpAsync(output);
        (await output.Output.FlushAsync().AsTask().OrFail()).IsCanceled.Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task Finish_BytesWait_CompletesWhenTheyWereSent()
    {
        using var output = await LoneOutput.OpenAsync(batches: null, isTiny: true);
        output.Write(new byte[100_000]);
        output.Output.Write("last"u8);

        var finishing = output.Output.FinishAsync();

        finishing.IsCompleted.Should().BeFalse();
        (await output.ReadAsync(100_004)).AsSpan(100_000).SequenceEqual("last"u8).Should().BeTrue();
        await finishing.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Finish_ReaderIsGone_CompletesAndTheConnectionIsAborted()
    {
        using var output = await LoneOutput.OpenAsync(batches: null, isTiny: true);
        output.Write(new byte[100_000]);

        output.Reset();

        await output.Output.FinishAsync().OrFail();
        await Soon.Until(() => output.Connection.ConnectionClosed.IsCancellationRequested);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(10)]
    [InlineData(4096)]
    [InlineData(20_000)]
    public async Task GetMemory_AgainBeforeAnAdvance_IsTheSameMemory(int sizeHint)
    {
        using var output = await LoneOutput.OpenAsync(batches: null);
        foreach (var before in (int[])[0, 3000, 5000])
        {
            output.Output.Write(new byte[before]);

            var first = output.Output.GetMemory(sizeHint);
            var second = output.Output.GetMemory();

            first.Length.Should().BeGreaterThanOrEqualTo(sizeHint);
            second.Equals(first).Should().BeTrue("Kestrel writes to the first, and advances the second");
            await output.Output.FlushAsync();
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task GetMemory_TheBacklogBecomesEmptyMeanwhile_IsTheSameMemory()
    {
        using var output = await LoneOutput.OpenAsync(batches: null, isTiny: true);
        output.Write(new byte[40_000]);

        var first = output.Output.GetMemory();
        await output.ReadAsync(40_000);
        await Soon.Until(() => !output.Output.IsBehind);

        output.Output.GetMemory().Equals(first).Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task Flush_TokenIsCancelled_SendsNothingYet()
    {
        using var output = await LoneOutput.OpenAsync(batches: null);
        output.Output.Write("kept"u8);

        var flush = output.Output.FlushAsync(new CancellationToken(canceled: true));

        flush.IsCanceled.Should().BeTrue();
        output.Output.UnflushedBytes.Should().Be(4);
        output.Write(default);
        (await output.ReadAsync(4)).Should().Equal("kept"u8.ToArray());
    }

    /// <summary>Flushes more bytes than the socket takes, and fewer than the limit, so that the flush does not wait.</summary>
    private static async Task<FlushResult> FallBehindAsync(LoneOutput output)
    {
        output.Output.Write(new byte[FewBytes]);
        var flush = output.Output.FlushAsync().AsTask();
        flush.IsCompleted.Should().BeTrue();
        output.Output.IsBehind.Should().BeTrue();
        return await flush;
    }

    private static async Task CatchUpAsync(LoneOutput output)
    {
        await output.ReadAsync(FewBytes);
        await Soon.Until(() => !output.Output.IsBehind);
    }

    private static async Task WriteAsync(DirectOutput output, ReadOnlyMemory<byte> bytes, Random random)
    {
        while (bytes.Length > 0)
        {
            var some = bytes[..Math.Min(bytes.Length, random.Next(1, 20_000))];
            bytes = bytes[some.Length..];
            switch (random.Next(4))
            {
                case 0:
                    await output.WriteAsync(some);
                    break;
                case 1:
                    if (output.TrySend(some.Span)) await output.Result();
                    else await output.WriteAsync(some);
                    break;
                case 2:
                    some.Span.CopyTo(output.GetSpan(some.Length));
                    output.Advance(some.Length);
                    break;
                default:
                    output.Write(some.Span);
                    await output.FlushAsync();
                    break;
            }
        }

        await output.FlushAsync();
    }
}
