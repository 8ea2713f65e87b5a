using System.Buffers;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>Subscribers that read all there is and wait, each of the same channels.</summary>
internal sealed class WaitingReaders : IAsyncDisposable
{
    private readonly EventStreamChannel[] _channels;
    private readonly FrameCursor[] _cursors;
    private readonly Task[] _loops;

    public WaitingReaders(EventStreamChannel channel, int count)
        : this([channel], count)
    {
    }

    public WaitingReaders(EventStreamChannel[] channels, int count)
    {
        _channels = channels;
        _cursors = [.. Enumerable.Range(0, count).Select(_ => LoneHub.Open(null, null, channels))];
        _loops = [.. _cursors.Select(cursor => Task.Run(() => ReadAsync(cursor)))];
    }

    /// <summary>
    /// Waits until all have read everything. Spins at first: the caller then publishes just as they are about to wait, where a wake can be
    /// lost.
    /// </summary>
    public async Task HaveReadAllAsync()
    {
        for (var spins = 1; spins < 20_000 && !HaveReadAll(); spins++)
        {
            if (spins % 256 == 0) Thread.Yield();
        }

        await Soon.Until(HaveReadAll, "that all readers have read all");
        _loops.Should().OnlyContain(loop => !loop.IsCompleted, "no channel has ended");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var cursor in _cursors) cursor.Interrupt();
        await Task.WhenAll(_loops).OrFail("the end of the readers");
        foreach (var cursor in _cursors) await cursor.DisposeAsync();
    }

    private bool HaveReadAll() =>
        Array.TrueForAll(_channels, channel => channel.Lag == 0) || Array.Exists(_loops, loop => loop.IsCompleted);

    private static async Task ReadAsync(FrameCursor cursor)
    {
        var output = new ArrayBufferWriter<byte>();
        while (await cursor.MoveNextAsync())
        {
            output.ResetWrittenCount();
            cursor.WriteCurrent(output);
        }
    }
}
