using System.Buffers;
using System.Text;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels;

public sealed class SubscriberTests
{
    [Fact(Timeout = 30_000)]
    public async Task WriteCurrent_NewSubscriber_GetsItsPositionAndNoMore()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("a");
        await channel.PublishAsync("before");
        await using var cursor = LoneHub.Open(null, null, channel);

        (await NextAsync(cursor)).Should().Be($"id: {channel.Epoch}-1\n\n");
        cursor.MoveNextAsync().IsCompleted.Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task WriteCurrent_LargeMessages_StopsAfterABurst()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("a");
        for (var n = 0; n < 20; n++) await channel.PublishAsync(new string((char)('a' + n), 10_000));
        await using var cursor = LoneHub.Open(new() { Start = EventStreamStart.Oldest }, null, channel);
        await channel.CompleteAsync();
        var text = "";
        var largest = 0;
        while (await NextAsync(cursor) is { } burst)
        {
            largest = Math.Max(largest, burst.Length);
            text += burst;
        }

        largest.Should().BeLessThan(50_000, "memory is a position a subscriber, however large the messages are");
        ReferenceParser.Parse(text).Events.Select(message => message.Data[0]).Should().Equal("abcdefghijklmnopqrst");
    }

    [Fact(Timeout = 30_000)]
    public async Task WriteCurrent_FilterRejectsAndTheChannelIsFaster_ReturnsAnyway()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("a");
        var asked = 0;
        await using var cursor = LoneHub.Open(new() { Filter = _ => Publish() }, null, channel);
        await NextAsync(cursor);
        for (var n = 0; n < 100; n++) await channel.PublishAsync("x");

        await NextAsync(cursor);

        asked.Should().BeInRange(100, 10_000);

        bool Publish()
        {
            // Ends in any case, so that a failure is seen.
            if (++asked < 100_000) channel.PublishAsync("x").AsTask().IsCompletedSuccessfully.Should().BeTrue();
            return false;
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task WriteCurrent_FilterThrows_TheStreamMayGoOnBehindThatMessage()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("a");
        var subscription = new EventStreamSubscriptionOptions
        {
            Filter = entry => entry.Position.Sequence == 3 ? throw new InvalidTimeZoneException() : true,
            Start = EventStreamStart.Oldest,
        };
        await using var cursor = LoneHub.Open(subscription, null, channel);
        for (var n = 1; n <= 5; n++) await channel.PublishAsync($"{n}");
        await channel.CompleteAsync();
        var output = new ArrayBufferWriter<byte>();
        var thrown = 0;
        while (await cursor.MoveNextAsync())
        {
            try
            {
                cursor.WriteCurrent(output);
            }
            catch (InvalidTimeZoneException)
            {
                thrown++;
                cursor.SkipCurrent(output);
            }
        }

        thrown.Should().Be(1);
        var parsed = ReferenceParser.Parse(output.WrittenSpan);
        parsed.Events.Select(message => message.Data).Should().Equal("1", "2", "4", "5");
        parsed.LastEventId.Should().Be($"{channel.Epoch}-5");
    }

    [Fact(Timeout = 30_000)]
    public async Task WriteCurrent_AfterAFilterThrew_OtherSubscribersAreServed()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("a");
        await using var throwing = LoneHub.Open(
            new() { Filter = _ => throw new InvalidTimeZoneException(), Start = EventStreamStart.Oldest }, null, channel);
        await using var other = LoneHub.Open(new() { Start = EventStreamStart.Oldest }, null, channel);
        await channel.PublishAsync("1");
        (await throwing.MoveNextAsync()).Should().BeTrue();

        throwing.Invoking(cursor => cursor.WriteCurrent(new ArrayBufferWriter<byte>())).Should().Throw<InvalidTimeZoneException>();

        (await NextAsync(other)).Should().Be($"id: {channel.Epoch}-1\ndata: 1\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task WriteCurrent_NothingPassesTheFilter_ThePositionIsSentNowAndThen()
    {
        using var hub = new LoneHub(options => options.Capacity = 8);
        var channel = hub.GetChannel("a");
        await using var cursor = LoneHub.Open(new() { Filter = _ => false }, null, channel);
        (await NextAsync(cursor)).Should().Be($"id: {channel.Epoch}-0\n\n");
        var told = new List<string?>();
        for (var n = 1; n <= 4; n++)
        {
            await channel.PublishAsync("x");
            told.Add(await NextAsync(cursor));
        }

        told.Should().Equal("", $"id: {channel.Epoch}-2\n\n", "", $"id: {channel.Epoch}-4\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task WriteCurrent_NothingPassesTheFilterAndThePositionIsEvicted_TheNextOneIsSent()
    {
        using var hub = new LoneHub(options => options.MaxAge = TimeSpan.FromSeconds(1));
        var channel = hub.GetChannel("a");
        await using var cursor = LoneHub.Open(new() { Filter = _ => false }, null, channel);
        (await NextAsync(cursor)).Should().Be($"id: {channel.Epoch}-0\n\n");
        await channel.PublishAsync("x");
        (await NextAsync(cursor)).Should().BeEmpty();
        hub.Time.Advance(TimeSpan.FromSeconds(5));
        await channel.PublishAsync("x");

        (await NextAsync(cursor)).Should().Be($"id: {channel.Epoch}-2\n\n", "the client would otherwise resume at a gap");
    }

    [Fact(Timeout = 30_000)]
    public async Task Open_WithThePositionOfTheNewestThatWasEvicted_IsNoGap()
    {
        using var hub = new LoneHub(options => options.MaxAge = TimeSpan.FromSeconds(1));
        var channel = hub.GetChannel("a");
        var one = await channel.PublishAsync("1");
        hub.Time.Advance(TimeSpan.FromSeconds(5));
        channel.Count.Should().Be(0);

        await using var cursor = LoneHub.Open(null, one.ToString(), channel);

        (await NextAsync(cursor)).Should().Be($"id: {one}\n\n");
        var two = await channel.PublishAsync("2");
        (await NextAsync(cursor)).Should().Be($"id: {two}\ndata: 2\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Interrupt_BeforeAndWhileItWaits_EndsTheMove()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("a");
        await using var waiting = LoneHub.Open(null, null, channel);
        await using var early = LoneHub.Open(null, null, channel);
        await NextAsync(waiting);
        var move = waiting.MoveNextAsync().AsTask();

        early.Interrupt();
        waiting.Interrupt();

        (await early.MoveNextAsync().AsTask().OrFail()).Should().BeFalse();
        (await move.OrFail()).Should().BeFalse();
        (await waiting.MoveNextAsync().AsTask().OrFail()).Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task Slowest_SeveralSubscribers_TheLagOfTheLastOne()
    {
        using var hub = new LoneHub();
        var channel = hub.GetChannel("a");
        channel.Lag.Should().Be(0);
        await using var slow = LoneHub.Open(null, null, channel);
        await using var quick = LoneHub.Open(null, null, channel);
        for (var n = 0; n < 5; n++) await channel.PublishAsync("x");
        await NextAsync(quick);

        channel.Lag.Should().Be(5);
        channel.Subscribers.Select(subscriber => subscriber.Lag).Should().BeEquivalentTo([0, 5]);
        await NextAsync(slow);
        channel.Lag.Should().Be(0);
    }

    // What the next write sends; null at the end.
    private static async Task<string?> NextAsync(FrameCursor cursor)
    {
        if (!await cursor.MoveNextAsync().AsTask().OrFail("the cursor's next move")) return null;
        var output = new ArrayBufferWriter<byte>();
        cursor.WriteCurrent(output).Should().Be(output.WrittenCount);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
