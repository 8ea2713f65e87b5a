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
        var channel = app.GetChannel("news");
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
        var channel = app.GetChannel("news");

        var ids = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => channel.SayAsync("m", Key("k"))))).OrFail();

        ids.Distinct().Should().ContainSingle().Which.Should().EndWith("-1");
        (await channel.SayAsync("next")).Should().EndWith("-2");
    }

    [Fact(Timeout = 30_000)]
    public async Task Key_OfAList_IsThatOfTheWhole()
    {
        await using var app = await StartNewsAsync();
        var channel = app.GetChannel("news");
        await channel.SayAsync("before");

        var first = await channel.PublishBatchAsync(List("a", "b"), Key("k"));
        var again = await channel.PublishBatchAsync(List("a", "b"), Key("k"));
        await channel.CompleteAsync();

        again.Should().Equal(first);
        SequencesOf(first).Should().Equal(2, 3);
        (await channel.PublishBatchAsync(List("a", "b"), Key("k"))).Should().Equal(first, "it was published before the end");
    }

    [Fact(Timeout = 30_000)]
    public async Task Key_OfAList_IsNoneThatAMessageCanHave()
    {
        await using var app = await StartNewsAsync();
        var channel = app.GetChannel("news");
        foreach (var key in (string[])["a", "a#0", "a#1", "a\u0001"]) await channel.SayAsync("single", Key(key));

        var list = await channel.PublishBatchAsync(List("first", "second"), Key("a"));
        var ofOne = await channel.PublishBatchAsync(List("alone"), Key("a#1"));

        SequencesOf([.. list, .. ofOne]).Should().Equal(5, 6, 7);
        (await channel.SayAsync("again", Key("a#1"))).Should().EndWith("-3");
        (await channel.PublishBatchAsync(List("first", "second"), Key("a"))).Should().Equal(list);
        (await channel.PublishBatchAsync(List("alone"), Key("a#1"))).Should().Equal(ofOne);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Key_OfAListOfAnotherLength_IsRefusedAndNothingIsPublished(int length)
    {
        await using var app = await StartNewsAsync();
        var channel = app.GetChannel("news");
        await channel.PublishBatchAsync(List("a", "b", "c"), Key("k"));

        var publish = () => channel.PublishBatchAsync(List([.. Enumerable.Repeat("x", length)]), Key("k")).AsTask();

        await publish.Should().ThrowAsync<InvalidOperationException>().WithMessage($"*list of 3 messages*'k'*has {length}.*");
        (await channel.SayAsync("next")).Should().EndWith("-4");
    }

    [Fact(Timeout = 30_000)]
    public async Task Key_OfAListWhoseFirstMessagesWereEvicted_HasAllPositions()
    {
        await using var app = await StartNewsAsync(c => c.Capacity = 2);
        var channel = app.GetChannel("news");
        var first = await channel.PublishBatchAsync(List("a", "b", "c"), Key("k"));
        await channel.SayAsync("next");

        (await channel.PublishBatchAsync(List("a", "b", "c"), Key("k"))).Should().Equal(first, "its last message is retained");

        await channel.SayAsync("evicts it");
        SequencesOf(await channel.PublishBatchAsync(List("a", "b", "c"), Key("k"))).Should().Equal([6, 7, 8], "a list is published whole");
    }

    [Fact(Timeout = 30_000)]
    public async Task Key_OfAListOfTheLatest_IsRepeatedAsLongAsItsLastIsThere()
    {
        await using var app = await StartNewsAsync(c => c.LatestByKey = true);
        var channel = app.GetChannel("news");
        var metadata = new EventStreamMetadata { Key = "state", IdempotencyKey = "k" };

        var first = await channel.PublishBatchAsync(List("1", "2"), metadata);

        (await channel.PublishBatchAsync(List("1", "2"), metadata)).Should().Equal(first);
        await channel.SayAsync("3", new() { Key = "state" });
        SequencesOf(await channel.PublishBatchAsync(List("1", "2"), metadata)).Should().Equal(4, 5);
    }

    [Fact(Timeout = 30_000)]
    public async Task Key_OfAListByManyAtOnce_IsPublishedOnceAndTogether()
    {
        await using var app = await StartNewsAsync();
        var channel = app.GetChannel("news");

        var lists = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => PublishAsync($"k{i % 2}")))).OrFail();

        lists.Select(positions => string.Join(' ', SequencesOf(positions))).Distinct().Should().BeEquivalentTo("1 2 3", "4 5 6");
        (await channel.SayAsync("next")).Should().EndWith("-7");

        Task<IReadOnlyList<EventStreamPosition>> PublishAsync(string key) =>
            channel.PublishBatchAsync(List("a", "b", "c"), Key(key)).AsTask();
    }

    [Fact(Timeout = 30_000)]
    public async Task Key_FirstWasEvicted_IsPublishedAgain()
    {
        await using var app = await StartNewsAsync(c => c.Capacity = 2);
        var channel = app.GetChannel("news");
        await channel.SayAsync("first", Key("k"));
        await channel.SayAsync("second");
        (await channel.SayAsync("retained", Key("k"))).Should().EndWith("-1");

        await channel.SayAsync("third");

        (await channel.SayAsync("again", Key("k"))).Should().EndWith("-4");
        (await channel.SayAsync("again", Key("k"))).Should().EndWith("-4");
    }

    [Fact(Timeout = 30_000)]
    public async Task Key_FirstWasReplaced_IsPublishedAgain()
    {
        await using var app = await StartNewsAsync(c => c.LatestByKey = true);
        var channel = app.GetChannel("news");
        await channel.SayAsync("first", new() { Key = "state", IdempotencyKey = "k" });

        await channel.SayAsync("second", new() { Key = "state" });

        (await channel.SayAsync("again", new() { Key = "state", IdempotencyKey = "k" })).Should().EndWith("-3");
    }

    [Fact(Timeout = 30_000)]
    public async Task Key_ChannelIsComplete_TheFirstPositionAndNothingNew()
    {
        await using var app = await StartNewsAsync();
        var channel = app.GetChannel("news");
        var first = await channel.SayAsync("first", Key("k"));
        await channel.CompleteAsync();

        (await channel.SayAsync("first", Key("k"))).Should().Be(first, "whoever does not know whether it was published hears that it was");
        await FluentActions.Awaiting(() => channel.SayAsync("late", Key("l"))).Should().ThrowAsync<InvalidOperationException>()
            .WithMessage("*complete*");
        EventStreamMessage[] messages = [new() { Data = "a" }];
        await FluentActions.Awaiting(() => channel.PublishBatchAsync(messages, Key("k")).AsTask())
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("*complete*");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(0)]
    [InlineData(257)]
    public async Task Key_OfNoLengthOrTooLong_IsRefused(int length)
    {
        await using var app = await StartNewsAsync();
        var channel = app.GetChannel("news");
        var metadata = Key(new string('k', length));
        EventStreamMessage[] messages = [new() { Data = "a" }];

        await FluentActions.Awaiting(() => channel.SayAsync("a", metadata)).Should().ThrowAsync<ArgumentException>()
            .WithMessage("*from 1 to 256*");
        await FluentActions.Awaiting(() => channel.PublishAsync("a", metadata).AsTask()).Should().ThrowAsync<ArgumentException>();
        await FluentActions.Awaiting(() => channel.PublishBatchAsync(messages, metadata).AsTask()).Should().ThrowAsync<ArgumentException>();

        (await channel.SayAsync("a", Key(new string('k', 256)))).Should().EndWith("-1");
        var longest = Key(new string('k', 256));
        for (var i = 0; i < 2; i++) SequencesOf(await channel.PublishBatchAsync(List("a", "b"), longest)).Should().Equal(2, 3);
    }

    private static EventStreamMetadata Key(string key) => new() { IdempotencyKey = key };

    private static IEnumerable<long> SequencesOf(IReadOnlyList<EventStreamPosition> positions) =>
        positions.Select(position => position.Sequence);

    private static EventStreamMessage[] List(params string[] texts) => [.. texts.Select(text => new EventStreamMessage { Data = text })];

    private Task<TestApp> StartNewsAsync(Action<EventStreamChannelOptions>? configure = null) =>
        StartAsync(channels => channels.AddChannel("news", configure));

    public sealed class InMemory() : IdempotencyKeyTests(Kept.InMemory);

    public sealed class InALog() : IdempotencyKeyTests(Kept.InALog);

    public sealed class BeyondMemory() : IdempotencyKeyTests(Kept.BeyondMemory);
}
