using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>Messages that are published twice under one key of the publisher's are sent once, as long as the first is retained.</summary>
public abstract class IdempotencyKeyTests(Kept kept) : ChannelTests(kept)
{
    [Fact(Timeout = 30_000)]
    public async Task Key_Again_HasTheFirstPositionAndIsNotSent()
    {
        await using var app = await StartNewsAsync();
        var channel = app.Channel("news");
        using var stream = await app.OpenAsync("/news");
        await stream.ReadPositionAsync();

        var first = await channel.SayAsync("first", Key("k"));
        var second = await channel.SayAsync("second");
        (await channel.SayAsync("not again", Key("k"))).Should().Be(first);
        (await channel.PublishAsync(new { Not = "again" }, Key("k"))).ToString().Should().Be(first);
        var third = await channel.SayAsync("another key", Key("K"));
        await channel.CompleteAsync();

        await stream.ShouldEndWithAsync(Frame(first, "first") + Frame(second, "second") + Frame(third, "another key") + End(third));
    }

    [Fact(Timeout = 30_000)]
    public async Task Key_ByManyAtOnce_IsSentOnce()
    {
        await using var app = await StartNewsAsync();
        var channel = app.Channel("news");

        var ids = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => channel.SayAsync("m", Key("k"))))).OrFail();

        ids.Distinct().Should().ContainSingle().Which.Should().EndWith("-1");
        (await channel.SayAsync("next")).Should().EndWith("-2");
    }

    [Fact(Timeout = 30_000)]
    public async Task Key_OfMessagesPublishedTogether_IsThatOfEachWithItsNumber()
    {
        await using var app = await StartNewsAsync();
        var channel = app.Channel("news");
        EventStreamMessage[] messages = [new() { Data = "a" }, new() { Data = "b" }];
        await channel.SayAsync("before");

        var first = await channel.PublishAsync(messages, Key("k"));
        var again = await channel.PublishAsync(messages, Key("k"));

        again.Should().Equal(first);
        (await channel.SayAsync("one of them", Key("k#1"))).Should().Be($"{first[1]}");
        (await channel.SayAsync("none of them", Key("k"))).Should().EndWith("-4");
    }

    [Fact(Timeout = 30_000)]
    public async Task Key_FirstWasEvicted_IsPublishedAnew()
    {
        await using var app = await StartNewsAsync(c => c.Capacity = 2);
        var channel = app.Channel("news");
        await channel.SayAsync("first", Key("k"));
        await channel.SayAsync("second");
        (await channel.SayAsync("retained", Key("k"))).Should().EndWith("-1");

        await channel.SayAsync("third");

        (await channel.SayAsync("again", Key("k"))).Should().EndWith("-4");
        (await channel.SayAsync("again", Key("k"))).Should().EndWith("-4");
    }

    [Fact(Timeout = 30_000)]
    public async Task Key_FirstWasReplaced_IsPublishedAnew()
    {
        await using var app = await StartNewsAsync(c => c.LatestByKey = true);
        var channel = app.Channel("news");
        await channel.SayAsync("first", new() { Key = "state", IdempotencyKey = "k" });

        await channel.SayAsync("second", new() { Key = "state" });

        (await channel.SayAsync("again", new() { Key = "state", IdempotencyKey = "k" })).Should().EndWith("-3");
    }

    [Fact(Timeout = 30_000)]
    public async Task Key_ChannelIsComplete_TheFirstPositionAndNothingNew()
    {
        await using var app = await StartNewsAsync();
        var channel = app.Channel("news");
        var first = await channel.SayAsync("first", Key("k"));
        await channel.CompleteAsync();

        (await channel.SayAsync("first", Key("k"))).Should().Be(first, "whoever does not know whether it was published hears that it was");
        await FluentActions.Awaiting(() => channel.SayAsync("late", Key("l"))).Should().ThrowAsync<InvalidOperationException>().WithMessage("*complete*");
        EventStreamMessage[] messages = [new() { Data = "a" }];
        await FluentActions.Awaiting(() => channel.PublishAsync(messages, Key("k")).AsTask()).Should().ThrowAsync<InvalidOperationException>().WithMessage("*complete*");
    }

    [Fact(Timeout = 30_000)]
    public async Task Key_InAChannelOfCallersIds_IsNoRepetitionOfTheId()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("orders", c => (c.UseMessageIds, c.InMemory) = (true, true)));
        var order = new EventStreamMessage { Id = "7", Data = "order" };

        var first = await app.Channel("orders").PublishAsync(order, Key("k"));

        (await app.Channel("orders").PublishAsync(order, Key("k"))).Should().Be(first);
        await FluentActions.Awaiting(() => app.Channel("orders").PublishAsync(order).AsTask()).Should().ThrowAsync<ArgumentException>().WithMessage("*'7'*");
        app.Channel("orders").Count.Should().Be(1);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(0)]
    [InlineData(257)]
    public async Task Key_OfNoLengthOrTooLong_IsRefused(int length)
    {
        await using var app = await StartNewsAsync();
        var channel = app.Channel("news");
        var metadata = Key(new string('k', length));
        EventStreamMessage[] messages = [new() { Data = "a" }];

        await FluentActions.Awaiting(() => channel.SayAsync("a", metadata)).Should().ThrowAsync<ArgumentException>().WithMessage("*from 1 to 256*");
        await FluentActions.Awaiting(() => channel.PublishAsync("a", metadata).AsTask()).Should().ThrowAsync<ArgumentException>();
        await FluentActions.Awaiting(() => channel.PublishAsync(messages, metadata).AsTask()).Should().ThrowAsync<ArgumentException>();
        FluentActions.Invoking(() => channel.CreateRecord(messages[0], metadata)).Should().Throw<ArgumentException>();

        (await channel.SayAsync("a", Key(new string('k', 256)))).Should().EndWith("-1");
    }

    private static EventStreamMetadata Key(string key) => new() { IdempotencyKey = key };

    private Task<TestApp> StartNewsAsync(Action<EventStreamChannelOptions>? configure = null) => StartAsync(channels => channels.AddChannel("news", configure));

    public sealed class InMemory() : IdempotencyKeyTests(Kept.InMemory);

    public sealed class InALog() : IdempotencyKeyTests(Kept.InALog);

    public sealed class BeyondMemory() : IdempotencyKeyTests(Kept.BeyondMemory);
}
