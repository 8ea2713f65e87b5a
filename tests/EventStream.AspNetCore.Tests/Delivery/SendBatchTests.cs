using System.Text;
using EventStream.AspNetCore.Delivery;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventStream.AspNetCore.Tests.Delivery;

/// <summary>Sends of many connections in one system call, on real sockets.</summary>
[Trait("Category", "Linux")]
public sealed class SendBatchTests : IDisposable
{
    private readonly SendBatches _batches = new(NullLoggerFactory.Instance);

    [Fact(Timeout = 30_000, Skip = Rings.Needed, SkipType = typeof(Rings), SkipUnless = nameof(Rings.AreAllowed))]
    public async Task Scope_MoreOutputsThanOneBatchHolds_EachClientGetsItsOwn()
    {
        var outputs = await LoneOutput.OpenManyAsync(2 * SendBatch.MostSends + 50, _batches);

        InScope(() =>
        {
            for (var i = 0; i < outputs.Length; i++) outputs[i].Write(Bytes($"to {i:000}")).Should().BeTrue();
            outputs[0].Arrived.Should().Be(6, "the first batch is full, and has left");
            outputs[^1].Arrived.Should().Be(0, "the last one leaves with its batch");
        });

        for (var i = 0; i < outputs.Length; i++) (await outputs[i].ReadAsync(6)).Should().Equal(Bytes($"to {i:000}"));
        Dispose(outputs);
    }

    [Fact(Timeout = 30_000, Skip = Rings.Needed, SkipType = typeof(Rings), SkipUnless = nameof(Rings.AreAllowed))]
    public async Task Scope_OneOutputIsWrittenToTwice_BytesKeepTheirOrder()
    {
        using var output = await LoneOutput.OpenAsync(_batches);

        InScope(() =>
        {
            output.Write("one "u8);
            output.Output.TrySend("two "u8).Should().BeTrue();
            output.Write(new byte[10_000]);
            output.Write("three"u8);
        });

        (await output.ReadAsync(10_013)).Should().Equal([.. "one two "u8, .. new byte[10_000], .. "three"u8]);
    }

    [Fact(Timeout = 30_000, Skip = Rings.Needed, SkipType = typeof(Rings), SkipUnless = nameof(Rings.AreAllowed))]
    public async Task Scope_AnotherThreadWritesMeanwhile_BytesKeepTheirOrder()
    {
        using var output = await LoneOutput.OpenAsync(_batches);

        InScope(() =>
        {
            output.Write("one "u8);
            Task.Run(() => output.Write("two"u8)).Wait(Soon.Limit).Should().BeTrue("it does not wait for the scope");
        });

        (await output.ReadAsync(7)).Should().Equal("one two"u8.ToArray());
    }

    [Fact(Timeout = 60_000, Skip = Rings.Needed, SkipType = typeof(Rings), SkipUnless = nameof(Rings.AreAllowed))]
    public async Task Scope_SocketsTakeAPartOrNothing_TheRestFollowsInOrder()
    {
        var outputs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LoneOutput.OpenAsync(_batches, isTiny: true)));
        var expected = outputs.Select(_ => new MemoryStream()).ToArray();
        var random = new Random(18);

        // The sockets hold about 10 KB, so most of it waits, and the last flushes do.
        for (var round = 0; round < 30; round++)
        {
            InScope(() =>
            {
                for (var i = 0; i < outputs.Length; i++)
                {
                    var bytes = new byte[random.Next(1, 4000)];
                    random.NextBytes(bytes);
                    expected[i].Write(bytes);
                    outputs[i].Write(bytes);
                }
            });
        }

        await Task.WhenAll(outputs.Select(async (output, i) =>
            (await output.ReadAsync((int)expected[i].Length)).AsSpan().SequenceEqual(expected[i].ToArray()).Should().BeTrue()));
        Dispose(outputs);
    }

    [Fact(Timeout = 30_000, Skip = Rings.Needed, SkipType = typeof(Rings), SkipUnless = nameof(Rings.AreAllowed))]
    public async Task Scope_ClientHasReset_ItsConnectionIsAbortedAndTheOthersGetTheirBytes()
    {
        var outputs = await LoneOutput.OpenManyAsync(3, _batches);
        outputs[1].Reset();

        InScope(() =>
        {
            foreach (var output in outputs) output.Write("hello"u8);
        });

        (await outputs[0].ReadAsync(5)).Should().Equal("hello"u8.ToArray());
        (await outputs[2].ReadAsync(5)).Should().Equal("hello"u8.ToArray());
        await Soon.Until(() => outputs[1].Connection.ConnectionClosed.IsCancellationRequested);
        outputs[1].Write("more"u8).Should().BeFalse();
        Dispose(outputs);
    }

    [Fact(Timeout = 60_000, Skip = Rings.Needed, SkipType = typeof(Rings), SkipUnless = nameof(Rings.AreAllowed))]
    public async Task Scope_AbortOfAConnectionWaitsForAnotherOne_TheBatchIsNotLocked()
    {
        var outputs = await LoneOutput.OpenManyAsync(3, _batches);
        var isWritten = false;
        outputs[0].Aborting = () => isWritten = Task.Run(() => outputs[2].Write(" again"u8)).Wait(Soon.Limit);
        outputs[0].Reset();

        InScope(() =>
        {
            foreach (var output in outputs) output.Write("hello"u8);
        });

        isWritten.Should().BeTrue();
        (await outputs[2].ReadAsync(11)).Should().Equal("hello again"u8.ToArray());
        Dispose(outputs);
    }

    [Fact(Timeout = 60_000, Skip = Rings.Needed, SkipType = typeof(Rings), SkipUnless = nameof(Rings.AreAllowed))]
    public async Task Scope_ItsThreadClosesASocket_DoesNotWaitAndNoOtherSocketGetsTheBytes()
    {
        var outputs = await LoneOutput.OpenManyAsync(3, _batches);
        LoneOutput[] others = [];

        await Task.Run(() => InScope(() =>
        {
            foreach (var output in outputs) output.Write("hello"u8);
            outputs[1].Close();

            // Some get the number of the closed one.
            others = LoneOutput.OpenManyAsync(20, _batches).GetAwaiter().GetResult();
        })).OrFail("the end of the scope");

        (await outputs[0].ReadAsync(5)).Should().Equal("hello"u8.ToArray());
        (await outputs[2].ReadAsync(5)).Should().Equal("hello"u8.ToArray());
        others.Should().OnlyContain(other => other.Arrived == 0 && other.ArrivedAtServer == 0, "one of their ends may have the number");
        outputs[1].Write("more"u8).Should().BeFalse();
        Dispose([.. outputs, .. others]);
    }

    [Fact(Timeout = 60_000, Skip = Rings.Needed, SkipType = typeof(Rings), SkipUnless = nameof(Rings.AreAllowed))]
    public async Task Scope_AnotherThreadClosesASocket_DoesNotWaitForTheScope()
    {
        using var output = await LoneOutput.OpenAsync(_batches);

        await Task.Run(() => InScope(() =>
        {
            output.Write("hello"u8);
            Task.Run(output.Close).Wait(Soon.Limit).Should().BeTrue();
        })).OrFail("the end of the scope");
    }

    [Fact(Timeout = 30_000, Skip = Rings.Needed, SkipType = typeof(Rings), SkipUnless = nameof(Rings.AreAllowed))]
    public async Task Scope_OutputsOfTwoServers_BothGetTheirBytes()
    {
        using var otherBatches = new SendBatches(NullLoggerFactory.Instance);
        using var first = await LoneOutput.OpenAsync(_batches);
        using var second = await LoneOutput.OpenAsync(otherBatches);
        using var third = await LoneOutput.OpenAsync(batches: null);

        InScope(() =>
        {
            first.Write("first"u8);
            second.Write("second"u8);
            third.Write("third"u8);
        });

        (await first.ReadAsync(5)).Should().Equal("first"u8.ToArray());
        (await second.ReadAsync(6)).Should().Equal("second"u8.ToArray());
        (await third.ReadAsync(5)).Should().Equal("third"u8.ToArray());
    }

    [Fact(Timeout = 30_000, Skip = Rings.Needed, SkipType = typeof(Rings), SkipUnless = nameof(Rings.AreAllowed))]
    public async Task Scope_OutputEndsBeforeItsBytesHaveLeft_TheyArriveFirst()
    {
        using var output = await LoneOutput.OpenAsync(_batches, isTiny: true);

        // Leaves a backlog that is empty again.
        output.Write(new byte[40_000]);
        await output.ReadAsync(40_000);
        await Soon.Until(() => !output.Output.IsBehind);
        var finishing = Task.CompletedTask;
        var taken = 0;
        InScope(() =>
        {
            // More than the socket takes. The last bytes are in the batch.
            for (var i = 0; i < 3; i++) taken += output.Output.TrySend(new byte[4000]) ? 4000 : 0;
            output.Output.Complete();
            finishing = output.Output.FinishAsync();
        });

        (await output.ReadAsync(taken)).Should().OnlyContain(one => one == 0);
        await finishing.OrFail();
    }

    public void Dispose() => _batches.Dispose();

    private static void InScope(Action action)
    {
        SendBatch.OpenScope();
        try
        {
            action();
        }
        finally
        {
            SendBatch.CloseScope();
        }
    }

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);

    private static void Dispose(LoneOutput[] outputs)
    {
        foreach (var output in outputs) output.Dispose();
    }
}
