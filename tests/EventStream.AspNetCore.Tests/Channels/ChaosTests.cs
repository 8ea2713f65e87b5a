using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels;

[Collection(nameof(Alone))]
public sealed class ChaosTests
{
    private const int Seed = 20_260_801;

    /// <summary>Messages a second, which is also how many are retained.</summary>
    private const int Rate = 500;

    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(60);

    [Fact(Timeout = 240_000)]
    public async Task Subscribers_CutAtRandomBytes_GetEachMessageOnceAndInOrderOrAGap()
    {
        var count = Rate * (Alone.IsLong ? 60 : 10);
        await using var app = await FeedApp.StartAsync(o => o.Capacity = Rate);
        var channel = app.GetChannel();
        var records = Enumerable.Range(0, 200).Select(_ => new NumberedRecord()).ToArray();

        var subscribers = records.Select((record, i) => BeCutAndComeBackAsync(app, record, new Random(Seed + i))).ToArray();
        for (var n = 1; n <= count; n++)
        {
            await channel.PublishAsync($"{n}");

            // Never faster, not even after a pause of the machine: no subscriber could keep up.
            if (n % 5 == 0) await Task.Delay(TimeSpan.FromSeconds(5) / Rate);
        }

        await channel.CompleteAsync();
        await Task.WhenAll(subscribers).WaitAsync(Drain);

        records.Should().OnlyContain(record => record.Last == count);
        records.Should().Contain(record => record.Lost > 0, "some stay away for longer than the log reaches back");
        records.Should().Contain(record => record.Lost < count / 2);
        await Soon.Until(() => channel.SubscriberCount == 0);
    }

    [Fact(Timeout = 240_000)]
    public async Task Clients_ThatAllComeBackAtOnce_GetWhatTheyMissedAndWhatIsPublishedMeanwhile()
    {
        const int missed = 100;
        const int meanwhile = 50;
        await using var app = await FeedApp.StartAsync();
        var channel = app.GetChannel();
        var position = (await channel.PublishAsync("1")).ToString();
        for (var n = 2; n <= missed + 1; n++) await channel.PublishAsync($"{n}");

        // Both ends of each connection are in this process, whose files are often limited to 20,000.
        var clients = Enumerable.Range(0, Alone.IsLong ? 9_500 : 1_000).Select(async _ =>
        {
            var record = new NumberedRecord();
            record.Take(new("message", "1", position));
            await new RawSubscriber(app.Address, FeedApp.Path) { LastEventId = position }.ReadAsync(record.Take);
            return record;
        }).ToArray();
        for (var n = missed + 2; n <= missed + 1 + meanwhile; n++)
        {
            await channel.PublishAsync($"{n}");
            await Task.Delay(5);
        }

        await channel.CompleteAsync();
        var records = await Task.WhenAll(clients).WaitAsync(Drain);

        records.Should().OnlyContain(record => record.HasEnded && record.Last == missed + 1 + meanwhile && record.Lost == 0);
    }

    /// <summary>Stays disconnected for longer than the channel reaches back, however slowly it is published to.</summary>
    private static async Task OverrunAsync(EventStreamChannel channel, long last)
    {
        while (!channel.IsCompleted && channel.Newest!.Value.Sequence <= last + Rate) await Task.Delay(5);
    }

    private static async Task BeCutAndComeBackAsync(TestApp app, NumberedRecord record, Random random)
    {
        // It has received the position before the first message, so every message that is missing later is a loss.
        var client = new RawSubscriber(app.Address, FeedApp.Path) { LastEventId = app.GetChannel().Newest!.Value.ToString() };
        while (!record.HasEnded)
        {
            // Often in the head of the response or in the first frames, which may or may not contain a position.
            await client.ReadAsync(record.Take, random.Next(1, random.Next(4) == 0 ? 400 : 16_000));
            if (random.Next(30) > 0) await Task.Delay(random.Next(50));
            else await OverrunAsync(app.GetChannel(), record.Last);
        }
    }
}
