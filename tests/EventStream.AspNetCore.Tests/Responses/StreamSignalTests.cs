using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Responses;

public sealed class StreamSignalTests
{
    [Fact(Timeout = 30_000)]
    public async Task Set_BeforeTheWait_IsKeptForIt()
    {
        var signal = new StreamSignal();

        signal.Set(StreamWake.KeepAlive, inline: false);
        signal.Set(StreamWake.Source, inline: false);

        (await signal.WaitAsync()).Should().Be(StreamWake.KeepAlive | StreamWake.Source);
        signal.WaitAsync().IsCompleted.Should().BeFalse("each reason is told once");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Set_DuringTheWait_Resumes(bool inline)
    {
        var signal = new StreamSignal();
        var wait = signal.WaitAsync().AsTask();

        signal.Set(StreamWake.Source, inline);

        (await wait.OrFail()).Should().Be(StreamWake.Source);
    }

    /// <summary>Two threads set, each only after its last reason was taken; after a lost reason one would never end.</summary>
    [Fact(Timeout = 60_000)]
    public async Task Set_FromTwoThreadsAtOnce_NoReasonIsLost()
    {
        const int Rounds = 200_000;
        var signal = new StreamSignal();
        using var sourceTaken = new SemaphoreSlim(1);
        using var keepAliveTaken = new SemaphoreSlim(1);
        var first = Task.Run(() => SettingAsync(StreamWake.Source, sourceTaken, inline: true));
        var second = Task.Run(() => SettingAsync(StreamWake.KeepAlive, keepAliveTaken, inline: false));

        int sources = 0, keepAlives = 0;
        while (sources < Rounds || keepAlives < Rounds)
        {
            var wake = await signal.WaitAsync();
            if (wake.HasFlag(StreamWake.Source))
            {
                sources++;
                sourceTaken.Release();
            }

            if (wake.HasFlag(StreamWake.KeepAlive))
            {
                keepAlives++;
                keepAliveTaken.Release();
            }
        }

        await Task.WhenAll(first, second).OrFail();
        (sources, keepAlives).Should().Be((Rounds, Rounds));

        // Without blocking its thread: a switch between threads takes a hundred times as long as what it waits for.
        async Task SettingAsync(StreamWake wake, SemaphoreSlim taken, bool inline)
        {
            for (var round = 0; round < Rounds; round++)
            {
                await taken.WaitAsync();
                signal.Set(wake, inline);
            }
        }
    }
}
