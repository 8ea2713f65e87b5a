using System.Buffers;
using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels;

public sealed class WakeAllocationTests
{
    private const int Publishes = 1_000;

    [Fact(Timeout = 30_000)]
    public async Task Publish_NobodySubscribed_OneAllocationTheFrame()
    {
        using var hub = new LoneHub(options => options.Capacity = 8);
        var channel = hub.Channel("quiet");
        var text = new string('x', 200);
        var frame = "id: 123456789-12345678901234\n".Length + "data: \n\n".Length + text.Length;
        var least = long.MaxValue;
        for (var run = 0; run < 20 && least > OneArray(frame) * Publishes; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var n = 0; n < Publishes; n++) await channel.PublishAsync(text);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        least.Should().Be(OneArray(frame) * Publishes);
    }

    [Fact(Timeout = 60_000)]
    public async Task Wake_ManySubscribers_NothingAllocatedASubscriber()
    {
        using var hub = new LoneHub();
        var channel = hub.Channel("busy");
        var readers = Enumerable.Range(0, 20).Select(_ => new CountingReader(LoneHub.Open(null, null, channel))).ToArray();
        foreach (var reader in readers) reader.Start();

        // The first wakes compile the code and make what a thread keeps.
        await PublishAsync(200);
        var least = long.MaxValue;
        for (var run = 0; run < 10 && least > 0; run++)
        {
            foreach (var reader in readers) (reader.Allocated, reader.Wakes) = (0, 0);
            await PublishAsync(100);
            readers.Sum(reader => reader.Wakes).Should().BeGreaterThan(1_000);
            least = Math.Min(least, readers.Sum(reader => reader.Allocated));
        }

        least.Should().Be(0);

        async Task PublishAsync(int count)
        {
            for (var n = 0; n < count; n++)
            {
                var position = await channel.PublishAsync("news");
                await Soon.Until(() => channel.Subscribers.All(subscriber => subscriber.Sequence >= position.Sequence));
            }
        }
    }

    private static long OneArray(int length) => (length + 24 + 7) / 8 * 8;

    /// <summary>A subscriber's loop by hand, which counts what the thread allocates from one wake to the next wait.</summary>
    private sealed class CountingReader(FrameCursor cursor)
    {
        private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);
        private readonly StreamSignal _signal = new();
        private ConfiguredValueTaskAwaitable<StreamWake>.ConfiguredValueTaskAwaiter _wait;
        private Action? _onWake;

        public long Allocated { get; set; }

        public int Wakes { get; set; }

        public void Start()
        {
            _onWake = Wake;
            Go();
        }

        private void Wake()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            _wait.GetResult();
            Go();
            Allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            Wakes++;
        }

        private void Go()
        {
            do
            {
                PollResult polled;
                while ((polled = cursor.Poll(_signal)) == PollResult.Ready)
                {
                    _output.ResetWrittenCount();
                    cursor.WriteCurrent(_output);
                }

                if (polled == PollResult.Ended) return;
                _wait = _signal.WaitAsync().ConfigureAwait(false).GetAwaiter();
            }
            while (_wait.IsCompleted && _wait.GetResult() != StreamWake.None);

            _wait.UnsafeOnCompleted(_onWake!);
        }
    }
}
