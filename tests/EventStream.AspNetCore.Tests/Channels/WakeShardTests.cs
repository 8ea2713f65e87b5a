using System.Buffers;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>
/// The wake protocol: a subscriber that found nothing is polled again once there is something, whatever its loop does meanwhile.
/// </summary>
public sealed class WakeShardTests(ITestOutputHelper output)
{
    /// <summary>Loops that are also polled for other reasons, as by a keep-alive, so that they link again while a shard has them.</summary>
    [Fact(Timeout = 300_000)]
    public async Task Poll_ForOtherReasonsAtAnyMoment_NoMessageIsMissed()
    {
        using var hub = new LoneHub(options => options.Capacity = 100);
        EventStreamChannel[] channels = [hub.GetChannel("a"), hub.GetChannel("b"), hub.GetChannel("c")];
        await using var readers = new RestlessReaders(channels, 3);
        await Race.RunAsync(output, async random =>
        {
            var (spins, others) = (new Random(random.Next()), new Random(random.Next()));
            await Race.AtOnceAsync(
                random,
                async () =>
                {
                    for (var n = 0; n < 20; n++)
                    {
                        await channels[spins.Next(channels.Length)].PublishAsync("x");
                        Thread.SpinWait(spins.Next(60));
                    }
                },
                () =>
                {
                    for (var n = 0; n < 20; n++)
                    {
                        readers.Disturb();
                        Thread.SpinWait(others.Next(60));
                    }

                    return Task.CompletedTask;
                });

            await readers.HaveReadAllAsync();
        });
    }

    /// <summary>The second look: the lease is renewed after the stream has said that it holds, and before it is linked.</summary>
    [Fact(Timeout = 30_000)]
    public async Task Poll_LeaseIsRenewedBeforeTheLink_Continues()
    {
        var time = new FakeTime();
        var renewals = 0;
        NodeLease? lease = null;
        lease = new(time, TimeSpan.FromSeconds(5), NullLogger.Instance, Renew, wake: () => { });
        lease.Announced(time.GetTimestamp(), new("e", 1));
        var epochs = new MemoryEpochs();
        var host = StreamHost.Of(new ServiceCollection().BuildServiceProvider());
        ChannelDefinition definition = new("a", new(), new(meter: null, time, "a"), EventStreamProtocol.Default, host, hasLog: false);
        var revocations = new Revocations();
        using ChannelRegistry registry = new(
            [definition],
            channel => new MemoryBacking(channel, epochs, lease),
            readHistory: _ => throw new NotSupportedException(),
            revocations,
            new(revocations),
            time);
        var signal = new StreamSignal();
        await using var cursor = LoneHub.Open(new() { User = "ann" }, null, registry.Get("a").Channel);
        cursor.Poll(signal).Should().Be(PollResult.Ready);
        cursor.WriteCurrent(new ArrayBufferWriter<byte>()).Should().Be(0, "there is no lease");

        cursor.Poll(signal).Should().Be(PollResult.Ready, "nobody wakes it any more");

        renewals.Should().Be(1, "or this tests nothing");
        cursor.WriteCurrent(new ArrayBufferWriter<byte>()).Should().BePositive();

        void Renew()
        {
            renewals++;
            lease!.Read(time.GetTimestamp(), new("e", 1));
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Poll_WhileItsShardHasTakenIt_TheOthersOfTheShardAreWokenAndItIsWokenByTheNext()
    {
        using var hub = new LoneHub();
        await using var chain = await TakenChain.StartAsync(hub.GetChannel("a"));

        // As a keep-alive or another channel of the stream does: it reads the message for which the shard has taken it, and waits again.
        chain.Taken.ReadAll();
        chain.GoOn();

        await chain.Last.WakeAsync();
        chain.Last.ReadAll();
        await chain.Channel.PublishAsync("2");
        await chain.Taken.WakeAsync();
        chain.Taken.ReadAll();
        (chain.Taken.Position, chain.Last.Position).Should().Be((2, 1));
    }

    [Fact(Timeout = 30_000)]
    public async Task Dispose_WhileItsShardHasTakenIt_TheOthersOfTheShardAreWokenAndItIsNot()
    {
        using var hub = new LoneHub();
        await using var chain = await TakenChain.StartAsync(hub.GetChannel("a"));

        await chain.Taken.DisposeAsync();
        chain.GoOn();

        await chain.Last.WakeAsync();
        chain.Taken.IsWoken.Should().BeFalse();
        chain.Taken.State.Should().Be(WaitState.Left, "or the shard would keep it for ever");
    }

    [Fact(Timeout = 30_000)]
    public async Task Dispose_WhileItWaits_ItIsNotWokenAgain()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("a");
        await using var other = new ReaderByHand(channel);
        var reader = new ReaderByHand(channel);
        reader.ReadAll();
        other.ReadAll();

        await reader.DisposeAsync();
        await channel.PublishAsync("1");

        await other.WakeAsync();
        reader.IsWoken.Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task Dispose_WhileItWaits_ItsShardLetsGoOfIt()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("a");
        var reader = new ReaderByHand(channel);

        // They are spread over the shards in turn, so the last of these has the shard of the first.
        var others = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new ReaderByHand(channel)).ToArray();
        reader.ReadAll();
        others[^1].ReadAll();
        others[^1].Subscriber.NextWaiter.Should().Be(reader.Subscriber);

        await reader.DisposeAsync();

        others[^1].Subscriber.NextWaiter.Should().BeNull();
        foreach (var other in others) await other.DisposeAsync();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Interrupt_BetweenThePollAndTheWait_EndsTheWait(bool isMerged)
    {
        using var hub = new LoneHub();
        EventStreamChannel[] channels = isMerged ? [hub.GetChannel("a"), hub.GetChannel("b")] : [hub.GetChannel("a")];
        await using var reader = new ReaderByHand(channels);
        reader.ReadAll();

        reader.Cursor.Interrupt();

        await reader.WakeAsync();
        reader.Poll().Should().Be(PollResult.Ended);
    }

    [Fact(Timeout = 30_000)]
    public async Task Complete_BetweenThePollAndTheWait_EndsTheWait()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("a");
        await using var reader = new ReaderByHand(channel);
        reader.ReadAll();

        await channel.CompleteAsync();

        await reader.WakeAsync();
        reader.Poll().Should().Be(PollResult.Ended);
        reader.Poll().Should().Be(PollResult.Ended, "it stays so");
    }

    /// <summary>A subscriber whose loop is the test.</summary>
    private sealed class ReaderByHand(params EventStreamChannel[] channels) : IAsyncDisposable
    {
        private readonly StreamSignal _signal = new();
        private Task<StreamWake>? _wait;
        private bool _isDisposed;

        public FrameCursor Cursor { get; } = LoneHub.Open(null, null, channels);

        public Subscriber Subscriber => (Subscriber)Cursor;

        public long Position => Subscriber.Position;

        public WaitState State => Subscriber.Wait;

        public bool IsWoken => Wait().IsCompleted;

        public PollResult Poll() => Cursor.Poll(_signal);

        /// <summary>Reads until there is nothing, where a loop would wait.</summary>
        public void ReadAll()
        {
            while (Poll() == PollResult.Ready) Cursor.WriteCurrent(new ArrayBufferWriter<byte>());
        }

        public async Task WakeAsync()
        {
            await Wait().OrFail("the wake");
            _wait = null;
        }

        /// <summary>Waits, and blocks the thread that wakes it.</summary>
        public void BlockWhenWoken(TaskCompletionSource isWoken, ManualResetEventSlim goOn) =>
            _signal.WaitAsync().ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() =>
            {
                isWoken.SetResult();
                goOn.Wait(Soon.Limit);
            });

        public async ValueTask DisposeAsync()
        {
            if (_isDisposed) return;
            _isDisposed = true;
            await Cursor.DisposeAsync();
        }

        private Task<StreamWake> Wait() => _wait ??= _signal.WaitAsync().AsTask();
    }

    /// <summary>Three subscribers that one shard has taken: the wake of the first blocks it.</summary>
    private sealed class TakenChain : IAsyncDisposable
    {
        private readonly ManualResetEventSlim _goOn = new();
        private readonly List<ReaderByHand> _readers = [];

        private TakenChain(EventStreamChannel channel) => Channel = channel;

        public EventStreamChannel Channel { get; }

        public ReaderByHand Taken => _readers[1];

        public ReaderByHand Last => _readers[0];

        public static async Task<TakenChain> StartAsync(EventStreamChannel channel)
        {
            var chain = new TakenChain(channel);
            var others = new List<ReaderByHand>();
            while (chain._readers.Count < 3)
            {
                // They are spread over the shards in turn.
                chain._readers.Add(new(channel));
                for (var n = 1; n < Environment.ProcessorCount; n++) others.Add(new(channel));
            }

            // The one that waits last is woken first.
            foreach (var reader in chain._readers) reader.ReadAll();
            foreach (var other in others) await other.DisposeAsync();
            TaskCompletionSource isWoken = new(TaskCreationOptions.RunContinuationsAsynchronously);
            chain._readers[2].BlockWhenWoken(isWoken, chain._goOn);
            await channel.PublishAsync("1");
            await isWoken.Task.OrFail();
            chain.Taken.State.Should().Be(WaitState.Taken);
            chain.Last.State.Should().Be(WaitState.Taken);
            return chain;
        }

        public void GoOn() => _goOn.Set();

        public async ValueTask DisposeAsync()
        {
            GoOn();
            foreach (var reader in _readers) await reader.DisposeAsync();
        }
    }

    /// <summary>Subscribers whose loops are disturbed.</summary>
    private sealed class RestlessReaders : IAsyncDisposable
    {
        private readonly EventStreamChannel[] _channels;
        private readonly (FrameCursor Cursor, StreamSignal Signal)[] _readers;
        private readonly Task[] _loops;

        public RestlessReaders(EventStreamChannel[] channels, int count)
        {
            _channels = channels;
            _readers = [.. Enumerable.Range(0, count).Select(_ => (LoneHub.Open(null, null, channels), new StreamSignal()))];
            _loops = [.. _readers.Select(reader => Task.Run(() => ReadAsync(reader.Cursor, reader.Signal)))];
        }

        public void Disturb() => Array.ForEach(_readers, reader => reader.Signal.Set(StreamWake.Source, inline: false));

        public async Task HaveReadAllAsync()
        {
            await Soon.Until(() => Array.TrueForAll(_channels, channel => channel.Lag == 0), "that all readers have read all");
            _loops.Should().OnlyContain(loop => !loop.IsCompleted, "no channel has ended");
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var (cursor, _) in _readers) cursor.Interrupt();
            await Task.WhenAll(_loops).OrFail("the end of the readers");
            foreach (var (cursor, _) in _readers) await cursor.DisposeAsync();
        }

        private static async Task ReadAsync(FrameCursor cursor, StreamSignal signal)
        {
            var bytes = new ArrayBufferWriter<byte>();
            PollResult polled;
            while ((polled = cursor.Poll(signal)) != PollResult.Ended)
            {
                if (polled == PollResult.Pending)
                {
                    await signal.WaitAsync();
                    continue;
                }

                bytes.ResetWrittenCount();
                cursor.WriteCurrent(bytes);
            }
        }
    }
}
