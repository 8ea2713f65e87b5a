using System.Buffers;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>A client as the standard has it, whose connection is cut at random bytes, and which resumes with its last id.</summary>
internal sealed class CutClient(Func<string?, FrameCursor> open, Random random)
{
    private string? _lastEventId;

    public List<TestEvent> Received { get; } = [];

    /// <summary>Reads until the channel has ended; <paramref name="isCut"/> says whether its connections are cut before.</summary>
    public async Task ReadToEndAsync(bool isCut = true)
    {
        while (!await ConnectAsync(isCut))
        {
        }
    }

    private async Task<bool> ConnectAsync(bool isCut)
    {
        var output = new ArrayBufferWriter<byte>();
        var isInterrupted = isCut && random.Next(2) == 0;
        var writes = isCut && !isInterrupted ? random.Next(1, 40) : int.MaxValue;
        var spins = random.Next(2_000);
        var hasEnded = false;
        var cursor = open(_lastEventId);
        var interrupting = !isInterrupted ? Task.CompletedTask : Task.Run(() =>
        {
            Thread.SpinWait(spins);
            cursor.Interrupt();
        });
        try
        {
            while (writes-- > 0)
            {
                if (!await cursor.MoveNextAsync().AsTask().OrFail("the cursor's next move"))
                {
                    hasEnded = !isInterrupted;
                    break;
                }

                var before = output.WrittenCount;
                var written = cursor.WriteCurrent(output);
                if (written != output.WrittenCount - before)
                {
                    throw new InvalidOperationException($"The cursor says {written} bytes, and wrote {output.WrittenCount - before}.");
                }
            }
        }
        finally
        {
            await interrupting;
            await cursor.DisposeAsync();
        }

        var parsed = ReferenceParser.Parse(output.WrittenSpan[..(hasEnded ? output.WrittenCount : random.Next(output.WrittenCount + 1))]);
        parsed.Events.Zip(parsed.Events.Skip(1)).Should().NotContain(
            pair => pair.First.Event == "stream-gap" && pair.Second.Event == "stream-gap", "what follows a gap is read together with it");
        Received.AddRange(parsed.Events);
        if (parsed.LastEventId.Length > 0) _lastEventId = parsed.LastEventId;
        return hasEnded;
    }
}
