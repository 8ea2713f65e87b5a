using System.Buffers;
using System.Text;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>Several channels on one connection.</summary>
public sealed class MergedCursorTests(ITestOutputHelper output)
{
    private static readonly EventStreamSubscriptionOptions FromTheOldest = new() { Start = EventStreamStart.Oldest };

    [Fact(Timeout = 300_000)]
    public async Task Clients_CutAtRandomBytes_HaveEachChannelsMessagesOnceAndInOrder() => await Race.RunAsync(output, async random =>
    {
        using var hub = new LoneHub(options => options.Capacity = random.Next(2) == 0 ? 100_000 : 16);
        var channels = Enumerable.Range(0, 3).Select(n => hub.GetChannel($"race {n}")).ToArray();
        var records = channels.Select(channel => new Record(channel)).ToArray();
        var clients = Enumerable.Range(0, 3)
            .Select(_ => new CutClient(id => LoneHub.Open(FromTheOldest, id, channels), new Random(random.Next()))).ToArray();
        var counts = channels.Select(_ => random.Next(1, 300)).ToArray();
        var spins = channels.Select(_ => random.Next(300)).ToArray();

        // Each ends when it is through, so some live on while others have ended.
        var publishing = channels.Select((channel, i) => Task.Run(async () =>
        {
            for (var n = 0; n < counts[i]; n++)
            {
                await records[i].PublishAsync($"{i}: {n}");
                Thread.SpinWait(spins[i]);
            }

            await channel.CompleteAsync();
        }));
        await Task.WhenAll(publishing.Concat(clients.Select(client => Task.Run(() => client.ReadToEndAsync()))));

        foreach (var client in clients)
        {
            for (var i = 0; i < channels.Length; i++)
            {
                var own = client.Received.Where(
                    message => message.Data.StartsWith($"{i}: ", StringComparison.Ordinal)
                        || message.Data.Contains($"\"race {i}\"", StringComparison.Ordinal)).ToList();
                records[i].Check(own, after: own.Count == 0 ? channels[i].Newest!.Value.Sequence : null);
            }
        }
    });

    [Fact(Timeout = 300_000)]
    public async Task Publish_ToReadersWhoWaitForEachMessage_WakesAllOfThem()
    {
        using var hub = new LoneHub(options => options.Capacity = 100);
        EventStreamChannel[] channels = [hub.GetChannel("a"), hub.GetChannel("b"), hub.GetChannel("c")];
        await using var readers = new WaitingReaders(channels, 2);
        await Race.RunAsync(output, async random =>
        {
            Thread.SpinWait(random.Next(20));
            for (var burst = random.Next(1, 6); burst > 0; burst--)
            {
                await channels[random.Next(channels.Length)].PublishAsync("x");
                Thread.SpinWait(random.Next(40));
            }

            await readers.HaveReadAllAsync();
        });
    }

    [Fact(Timeout = 30_000)]
    public async Task MoveNext_OneChannelEndsWhileItWaits_TheOthersGoOn()
    {
        using var hub = new LoneHub();
        EventStreamChannel[] channels = [hub.GetChannel("a"), hub.GetChannel("b")];
        var client = new CutClient(id => LoneHub.Open(null, id, channels), new Random(1));
        var reading = client.ReadToEndAsync(isCut: false);
        await channels[0].CompleteAsync();
        await channels[1].PublishAsync("b1");
        await channels[1].CompleteAsync();

        await reading;

        client.Received.Select(message => message.Data).Should().Equal("b1");
    }

    [Fact(Timeout = 30_000)]
    public async Task MoveNext_OneChannelIsBusy_TheOthersHaveTheirTurn()
    {
        using var hub = new LoneHub();
        EventStreamChannel[] channels = [hub.GetChannel("a"), hub.GetChannel("b")];
        await using var cursor = LoneHub.Open(null, null, channels);
        await channels[1].PublishAsync("b1");
        var text = "";
        for (var turn = 0; turn < 4; turn++)
        {
            await channels[0].PublishAsync($"a{turn}");
            (await cursor.MoveNextAsync()).Should().BeTrue();
            var bytes = new ArrayBufferWriter<byte>();
            cursor.WriteCurrent(bytes);
            text += Encoding.UTF8.GetString(bytes.WrittenSpan);
        }

        ReferenceParser.Parse(text).Events.Select(message => message.Data).Take(2).Should().BeEquivalentTo("a0", "b1");
    }

    [Fact(Timeout = 30_000)]
    public async Task Dispose_WhileAChannelWaits_LeavesAllChannels()
    {
        using var hub = new LoneHub();
        EventStreamChannel[] channels = [hub.GetChannel("a"), hub.GetChannel("b")];
        var cursor = LoneHub.Open(null, null, channels);
        channels[0].Fail(new InvalidTimeZoneException());
        var bytes = new ArrayBufferWriter<byte>();

        var read = async () =>
        {
            while (await cursor.MoveNextAsync().AsTask().OrFail()) cursor.WriteCurrent(bytes);
        };

        await read.Should().ThrowAsync<InvalidTimeZoneException>();
        await cursor.DisposeAsync();
        channels.Should().OnlyContain(channel => channel.SubscriberCount == 0);
    }
}
