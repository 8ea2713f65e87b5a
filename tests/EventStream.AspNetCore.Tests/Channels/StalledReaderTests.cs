using System.Net.Sockets;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels;

[Collection(nameof(Alone))]
public sealed class StalledReaderTests
{
    private const int Readers = 50;
    private const int Batch = 20;
    private const int MessageBytes = 8 * 1024;
    private const int Capacity = 4 * Batch;

    [Fact(Timeout = 120_000)]
    public async Task StalledReaders_BesideHealthyOnes_DelayNoOtherGrowNothingAndAreCut()
    {
        var count = Alone.IsLong ? 5_000 : 1_000;
        await using var app = await FeedApp.StartAsync(o => (o.Capacity, o.MaxBytes) = (Capacity, (Capacity + 1) * MessageBytes));
        var channel = app.GetChannel();
        var healthy = Enumerable.Range(0, Readers).Select(_ => new NumberedRecord()).ToArray();
        var reading = healthy.Select(record => new RawSubscriber(app.Address, FeedApp.Path).ReadAsync(record.Take)).ToArray();
        var stalled = new List<Socket>();
        for (var i = 0; i < Readers; i++) stalled.Add(await new RawSubscriber(app.Address, FeedApp.Path).OpenAsync(receiveBuffer: 1024));
        await Soon.Until(() => channel.SubscriberCount == 2 * Readers);
        var filling = new string('x', MessageBytes - 100);

        long memory = 0;
        for (var n = 1; n <= count; n++)
        {
            await channel.PublishAsync($"{n} {filling}");
            channel.Bytes.Should().BeLessThanOrEqualTo(channel.Count * MessageBytes);
            channel.Count.Should().BeLessThanOrEqualTo(Capacity);
            if (n % Batch == 0)
            {
                await Soon.Until(() => Array.TrueForAll(healthy, record => record.Last == n), $"all healthy readers have message {n}");
            }

            if (n == count / 2) memory = GC.GetTotalMemory(forceFullCollection: true);
        }

        var grown = GC.GetTotalMemory(forceFullCollection: true) - memory;
        healthy.Should().OnlyContain(record => record.Lost == 0);
        channel.Subscribers.Count(subscriber => subscriber.Lag > Capacity).Should().Be(Readers);
        grown.Should().BeLessThan(count / 2 * MessageBytes, "a single reader's queue would have grown by so much");

        app.Time.Advance(TimeSpan.FromSeconds(31));
        await Soon.Until(() => channel.SubscriberCount == Readers);
        await Soon.Until(
            () => app.Log.Entries.Count(entry => entry.Category == "EventStream.AspNetCore" && entry.Id == 7) == Readers,
            "each is said to have stalled, which is after it was let go");

        await channel.CompleteAsync();
        await Task.WhenAll(reading).OrFail();
        healthy.Should().OnlyContain(record => record.HasEnded);
        stalled.ForEach(socket => socket.Dispose());
    }
}
