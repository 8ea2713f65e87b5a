using System.Buffers;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>Many publishers and readers of one channel: what each reader has is what was published.</summary>
public sealed class DeliveryRaceTests(ITestOutputHelper output)
{
    private static readonly EventStreamSubscriptionOptions FromTheOldest = new() { Start = EventStreamStart.Oldest };

    [Fact(Timeout = 300_000)]
    public async Task Clients_CutAtRandomBytes_HaveEveryMessageOnceAndInOrder() => await Race.RunAsync(output, async random =>
    {
        using var hub = new LoneHub(options => options.Capacity = 100_000);
        var channel = hub.GetChannel("race");
        var record = new Record(channel);
        var clients = Clients(6, random, channel);

        await Task.WhenAll(
            PublishAsync(channel, record, publishers: 3, messages: random.Next(1, 400), random.Next(), mostSpins: 300),
            Task.WhenAll(clients.Select(client => Task.Run(() => client.ReadToEndAsync()))));

        foreach (var client in clients) record.Check(client.Received, after: 0).Should().Be(0);
    });

    [Fact(Timeout = 300_000)]
    public async Task Clients_OfALogThatEvicts_GetGapsWhereTheyAre()
    {
        var lost = 0L;
        await Race.RunAsync(output, async random =>
        {
            using var hub = new LoneHub(options => options.Capacity = random.Next(1, 24));
            var channel = hub.GetChannel("race");
            var record = new Record(channel);
            var clients = Clients(6, random, channel);

            await Task.WhenAll(
                PublishAsync(channel, record, publishers: 3, messages: random.Next(1, 400), random.Next(), mostSpins: 100),
                Task.WhenAll(clients.Select(client => Task.Run(() => client.ReadToEndAsync()))));

            // One that is cut before it has an id begins anew, where the log then begins.
            foreach (var client in clients)
            {
                lost += record.Check(client.Received, after: client.Received.Count == 0 ? channel.Newest!.Value.Sequence : null);
            }
        });

        lost.Should().BePositive("otherwise nothing was evicted under a reader");
    }

    [Fact(Timeout = 300_000)]
    public async Task Subscribe_JustWhilePublishing_NoMessageIsLostAtTheSeam() => await Race.RunAsync(output, async random =>
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("race");
        var record = new Record(channel);
        for (var n = random.Next(3); n > 0; n--) await record.PublishAsync($"before {n}");
        var fromTheOldest = new CutClient(id => LoneHub.Open(FromTheOldest, id, channel), random);
        var fromNow = new CutClient(id => LoneHub.Open(null, id, channel), random);

        await Race.AtOnceAsync(
            random,
            async () =>
            {
                for (var n = 0; n < 4; n++) await record.PublishAsync($"{n}");
                await channel.CompleteAsync();
            },
            () => fromTheOldest.ReadToEndAsync(isCut: false),
            () => fromNow.ReadToEndAsync(isCut: false));

        record.Check(fromTheOldest.Received, after: 0).Should().Be(0);
        record.Check(fromNow.Received, after: fromNow.Received.Count == 0 ? channel.Newest!.Value.Sequence : null).Should().Be(0);
    });

    [Fact(Timeout = 300_000)]
    public async Task Complete_WhileOthersPublish_ReadersGetAllThatWasTakenAndTheEnd() => await Race.RunAsync(output, async random =>
    {
        using var hub = new LoneHub(options => options.Capacity = 100_000);
        var channel = hub.GetChannel("race");
        var record = new Record(channel);
        var clients = Clients(2, random, channel);

        await Race.AtOnceAsync(
            random,
            () => record.PublishUntilCompleteAsync("one", most: 50_000),
            () => record.PublishUntilCompleteAsync("two", most: 50_000),
            () => clients[0].ReadToEndAsync(isCut: false),
            async () =>
            {
                await Task.Yield();
                await channel.CompleteAsync();
                await clients[1].ReadToEndAsync();
            });

        foreach (var client in clients) record.Check(client.Received, after: 0).Should().Be(0);
    });

    [Fact(Timeout = 300_000)]
    public async Task Publish_ToReadersWhoWaitForEachMessage_WakesAllOfThem()
    {
        using var hub = new LoneHub(options => options.Capacity = 100);
        var channel = hub.GetChannel("race");
        await using var readers = new WaitingReaders(channel, 3);
        await Race.RunAsync(output, async random =>
        {
            // A subscriber that is not woken by the last of these never ends, because the next round waits for it.
            Thread.SpinWait(random.Next(20));
            for (var burst = random.Next(1, 5); burst > 0; burst--)
            {
                await channel.PublishAsync("x");
                Thread.SpinWait(random.Next(40));
            }

            await readers.HaveReadAllAsync();
        });
    }

    [Fact(Timeout = 300_000)]
    public async Task Interrupt_JustAsAPublishWakes_EndsTheReader() => await Race.RunAsync(output, async random =>
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("race");
        var cursors = Enumerable.Range(0, 4).Select(_ => LoneHub.Open(null, null, channel)).ToArray();
        var ends = cursors.Select(cursor => Task.Run(() => DrainAsync(cursor))).ToArray();

        await Race.AtOnceAsync(
            random,
            () => channel.PublishAsync("1").AsTask(),
            () => channel.PublishAsync("2").AsTask(),
            () =>
            {
                foreach (var cursor in cursors) cursor.Interrupt();
                return Task.CompletedTask;
            });

        await Task.WhenAll(ends).OrFail("the end of all who were interrupted");
        foreach (var cursor in cursors) await cursor.DisposeAsync();
        channel.SubscriberCount.Should().Be(0);
    });

    private static CutClient[] Clients(int count, Random random, EventStreamChannel channel) =>
        [.. Enumerable.Range(0, count)
            .Select(_ => new CutClient(id => LoneHub.Open(FromTheOldest, id, channel), new Random(random.Next())))];

    private static async Task PublishAsync(EventStreamChannel channel, Record record, int publishers, int messages, int seed, int mostSpins)
    {
        await Task.WhenAll(Enumerable.Range(0, publishers).Select(publisher => Task.Run(async () =>
        {
            var random = new Random(seed + publisher);
            for (var n = 0; n < messages; n++)
            {
                await record.PublishAsync($"{publisher}: {n}");
                Thread.SpinWait(random.Next(mostSpins));
            }
        })));
        await channel.CompleteAsync();
    }

    private static async Task DrainAsync(FrameCursor cursor)
    {
        var output = new ArrayBufferWriter<byte>();
        while (await cursor.MoveNextAsync()) cursor.WriteCurrent(output);
    }
}
