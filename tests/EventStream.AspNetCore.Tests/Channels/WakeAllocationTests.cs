using System.Buffers;
using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Tests.Channels;

public sealed class WakeAllocationTests
{
    private const int Publishes = 1_000;

    [Fact(Timeout = 30_000)]
    public async Task Publish_NoSubscriber_OneAllocationTheFrame()
    {
        using var hub = new LoneHub(options => options.Capacity = 8);
        var channel = hub.GetChannel("quiet");
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

    [Theory(Timeout = 30_000)]
    [InlineData(null)]
    [InlineData("quote")]
    public async Task Publish_AValueThroughThePublisher_NoAllocationBesideItsEncoding(string? eventName)
    {
        using var hub = new LoneHub(options => options.Capacity = 8);
        var publisher = hub.Hub;
        var quote = new Quote("MSFT", 123);
        var json = JsonContract<Quote>.From(hub.GetChannel("quiet").Definition.Host.Json);

        var encoded = Least(() => FrameBytes.EncodeJson(quote, eventName, json));
        var direct = Least(() => publisher.PublishAsync("quiet", quote, eventName: eventName));
        var byMessage = Least(() => publisher.PublishAsync("quiet", EventStreamMessage.Json(quote) with { Event = eventName }));

        direct.Should().Be(encoded);
        byMessage.Should().BeGreaterThan(encoded, "so a value is not published by a message");

        // The first runs compile the code.
        static long Least(Action act) => Enumerable.Range(0, 20).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var n = 0; n < Publishes; n++) act();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
    }

    [Fact(Timeout = 60_000)]
    public async Task Wake_ManySubscribers_NothingAllocatedASubscriber()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("busy");
        var readers = Enumerable.Range(0, 20).Select(_ => new CountingReader(LoneHub.Open(null, null, channel))).ToArray();
        foreach (var reader in readers) reader.Start();

        // The first wakes compile the code and make what a thread keeps.
        await PublishAsync(200);
        var least = long.MaxValue;
        for (var run = 0; run < 10 && least > 0; run++)
        {
            foreach (var reader in readers) (reader.Allocated, reader.Wakes, reader.WakesInARow) = (0, 0, 0);
            await PublishAsync(100);
            readers.Sum(reader => reader.Wakes).Should().BeGreaterThan(1_000);
            readers.Sum(reader => reader.WakesInARow).Should().BeGreaterThan(500, "or what a shard allocates is not counted");
            least = Math.Min(least, readers.Sum(reader => reader.Allocated));
        }

        least.Should().Be(0);

        async Task PublishAsync(int count)
        {
            for (var n = 0; n < count; n++)
            {
                // Linked, so that one run of a shard wakes all of its subscribers, and its thread does nothing else between them.
                var position = await channel.PublishAsync("news");
                await Soon.Until(() => Array.TrueForAll(readers, reader => reader.HasRead(position.Sequence) && reader.IsLinked));
            }
        }
    }

    private sealed record Quote(string Symbol, int Price);

    private static long OneArray(int length) => (length + 24 + 7) / 8 * 8;

    /// <summary>A subscriber's loop by hand, which counts what its thread allocates.</summary>
    /// <remarks>From the wake of the subscriber before it in its shard, or from its own, to its next wait.</remarks>
    private sealed class CountingReader(FrameCursor cursor)
    {
        // What the wake of one subscriber leaves to that of the next one in the same shard.
        [ThreadStatic]
        private static (WakeShard? Shard, long Position, long Allocated) _before;

        private readonly Subscriber _subscriber = (Subscriber)cursor;
        private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);
        private readonly StreamSignal _signal = new();
        private ConfiguredValueTaskAwaitable<StreamWake>.ConfiguredValueTaskAwaiter _wait;
        private Action? _onWake;

        public long Allocated { get; set; }

        public int Wakes { get; set; }

        /// <summary>The wakes that came right after another one of the same shard.</summary>
        public int WakesInARow { get; set; }

        public bool IsLinked => _subscriber.Wait == WaitState.Linked;

        public bool HasRead(long sequence) => _subscriber.Position >= sequence;

        public void Start()
        {
            _onWake = Wake;
            Go();
        }

        private void Wake()
        {
            var start = GC.GetAllocatedBytesForCurrentThread();
            var position = _subscriber.Position;
            if (_before.Shard == _subscriber.Shard && _before.Position == position)
            {
                start = _before.Allocated;
                WakesInARow++;
            }

            _wait.GetResult();
            Go();
            var end = GC.GetAllocatedBytesForCurrentThread();
            _before = (_subscriber.Shard, position, end);
            Allocated += end - start;
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
