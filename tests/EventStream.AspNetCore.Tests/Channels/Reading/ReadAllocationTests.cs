using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels.Reading;

/// <summary>What a message costs a loop that reads a channel in the process: nothing but the entry, which is a value.</summary>
public sealed class ReadAllocationTests
{
    private const int Messages = 500;

    [Fact(Timeout = 30_000)]
    public async Task Read_RetainedMessages_NothingAllocatedAMessage()
    {
        using var hub = new LoneHub(options => options.Start = EventStreamStart.Oldest);
        var channel = hub.GetChannel("busy");
        await channel.SayManyAsync(Messages);
        await channel.CompleteAsync();
        await AllocatedAsync(channel, Messages);

        var least = long.MaxValue;
        for (var run = 0; run < 10; run++)
        {
            // What the loop itself costs is the same for one message and for all.
            least = Math.Min(least, await AllocatedAsync(channel, Messages) - await AllocatedAsync(channel, 1));
        }

        least.Should().Be(0);
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_EachMessageWakesTheLoop_NothingAllocatedAMessage()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("busy");
        var reader = new CountingLoop(channel);
        var reading = reader.RunAsync();
        await PublishAsync(200);
        var least = long.MaxValue;
        for (var run = 0; run < 10 && least > 0; run++)
        {
            (reader.Allocated, reader.Wakes) = (0, 0);
            await PublishAsync(100);
            reader.Wakes.Should().BeGreaterThan(50);
            least = Math.Min(least, reader.Allocated);
        }

        await channel.CompleteAsync();
        await reading.OrFail();
        least.Should().Be(0);

        async Task PublishAsync(int count)
        {
            for (var n = 0; n < count; n++)
            {
                var position = await channel.PublishAsync("news");
                await Soon.Until(() => reader.Read == position.Sequence);
            }
        }
    }

    /// <summary>What the thread allocates until a loop has so many messages. They are there, so it never waits.</summary>
    private static async Task<long> AllocatedAsync(EventStreamChannel channel, int count)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        await foreach (var entry in channel.ReadAsync(filter: static entry => entry.Event is null))
        {
            if (entry.Position.Sequence == count) break;
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>A loop that counts what its thread allocates: from the read that follows a wake to its next wait.</summary>
    private sealed class CountingLoop(EventStreamChannel channel)
    {
        private long _read;
        private (int Thread, long Allocated) _woken;

        public long Read => Volatile.Read(ref _read);

        public long Allocated { get; set; }

        /// <summary>The wakes whose loop went on in the thread that read the message, so that they are counted.</summary>
        public int Wakes { get; set; }

        public async Task RunAsync()
        {
            await using var entries = channel.ReadAsync(filter: Woken).GetAsyncEnumerator();
            var next = entries.MoveNextAsync();
            while (await next.ConfigureAwait(false))
            {
                var sequence = entries.Current.Position.Sequence;
                next = entries.MoveNextAsync();
                if (_woken.Thread == Environment.CurrentManagedThreadId)
                {
                    Allocated += GC.GetAllocatedBytesForCurrentThread() - _woken.Allocated;
                    Wakes++;
                }

                Volatile.Write(ref _read, sequence);
            }
        }

        private bool Woken(EventStreamEntry entry)
        {
            _woken = (Environment.CurrentManagedThreadId, GC.GetAllocatedBytesForCurrentThread());
            return true;
        }
    }
}
