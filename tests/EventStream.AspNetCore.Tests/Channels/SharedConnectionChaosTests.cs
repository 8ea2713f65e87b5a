using System.Text.Json;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels;

[Collection(nameof(Alone))]
public sealed class SharedConnectionChaosTests
{
    private const int Seed = 20_260_802;
    private const int Capacity = 200;
    private static readonly string[] Names = ["a", "b", "c"];

    [Fact(Timeout = 240_000)]
    public async Task SubscribersOfSeveralChannels_CutAtRandomBytes_GetEachChannelsMessagesOnceAndInOrderOrAGap()
    {
        var count = Alone.IsLong ? 10_000 : 1_000;
        await using var app = await TestApp.StartAsync(
            app => app.MapEventStream("/all", _ => new EventStreamSubscription(Names)),
            services =>
            {
                var streams = services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Information)).AddEventStreams();
                foreach (var name in Names) streams.AddChannel(name, o => (o.Capacity, o.Start) = (Capacity, EventStreamStart.Oldest));
            });
        var hub = app.App.Services.GetRequiredService<EventStreamHub>();
        var records = Enumerable.Range(0, 50).Select(_ => new Record()).ToArray();

        var subscribers = records.Select((record, i) => BeCutAndComeBackAsync(app, record, new Random(Seed + i))).ToArray();
        await Soon.Until(() => hub.GetChannel("a").SubscriberCount == records.Length);
        await Task.WhenAll(Names.Select((name, i) => PublishAsync(hub.GetChannel(name), count, TimeSpan.FromMilliseconds(3 + i))));
        await Task.WhenAll(subscribers).WaitAsync(TimeSpan.FromSeconds(60));

        records.Should().OnlyContain(record => Array.TrueForAll(record.Last, last => last == count));
        records.Should().Contain(record => record.Gaps > 0);
    }

    private static async Task PublishAsync(EventStreamChannel channel, int count, TimeSpan pause)
    {
        for (var n = 1; n <= count; n++)
        {
            await channel.PublishAsync($"{channel.Name} {n}");
            if (n % 3 == 0) await Task.Delay(pause);
        }

        await channel.CompleteAsync();
    }

    /// <summary>Stays disconnected for longer than a channel reaches back, however slowly it is published to.</summary>
    private static async Task OverrunAsync(EventStreamChannel channel, long last)
    {
        while (!channel.IsCompleted && channel.Newest!.Value.Sequence <= last + Capacity) await Task.Delay(5);
    }

    private static async Task BeCutAndComeBackAsync(TestApp app, Record record, Random random)
    {
        var channel = app.App.Services.GetRequiredService<EventStreamHub>().GetChannel(Names[0]);
        var client = new RawSubscriber(app.Address, "/all");

        // Long enough to receive a position: a loss before the first position cannot be detected.
        await client.ReadAsync(record.Take, 2_000);
        while (!record.HasEnded)
        {
            await client.ReadAsync(record.Take, random.Next(1, random.Next(4) == 0 ? 400 : 8_000));
            if (random.Next(15) > 0) await Task.Delay(random.Next(50));
            else await OverrunAsync(channel, record.Last[0]);
        }
    }

    /// <summary>What one subscriber has got of each channel.</summary>
    private sealed class Record
    {
        public long[] Last { get; } = new long[Names.Length];

        public int Gaps { get; private set; }

        public bool HasEnded { get; private set; }

        public bool Take(TestEvent next)
        {
            HasEnded.Should().BeFalse();
            if (next.Event == "stream-end") return !(HasEnded = true);
            int channel;
            if (next.Event == "stream-gap")
            {
                var gap = JsonDocument.Parse(next.Data).RootElement;
                channel = Array.IndexOf(Names, gap.GetProperty("channel").GetString());
                Last[channel] += gap.GetProperty("lost").GetInt64();
                Gaps++;
            }
            else
            {
                channel = Array.IndexOf(Names, next.Data[..1]);
                next.Data.Should().Be($"{Names[channel]} {++Last[channel]}");
            }

            next.LastEventId.Split(',')[channel].Should().EndWith($"-{Last[channel]}");
            return true;
        }
    }
}
