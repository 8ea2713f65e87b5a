using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Logs;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>Messages that are published together: all or none, with no other between them.</summary>
public abstract class PublishTogetherTests(Kept kept) : ChannelTests(kept)
{
    [Fact(Timeout = 30_000)]
    public async Task Messages_PublishedTogether_ArriveInTheirOrder()
    {
        await using var app = await StartNewsAsync();
        await app.GetChannel("news").SayAsync("before");

        var positions = await app.Hub().PublishBatchAsync(
            "news", [new() { Data = "a" }, new() { Event = "price", Data = "b" }, new() { Data = "c" }]);
        await app.GetChannel("news").CompleteAsync();

        positions.Select(position => position.Sequence).Should().Equal(2, 3, 4);
        using var stream = await app.OpenAsync("/news", $"{positions[0]}"[..^1] + "1");
        await stream.ShouldEndWithAsync(
            Frame($"{positions[0]}", "a")
            + $"id: {positions[1]}\nevent: price\ndata: b\n\n"
            + Frame($"{positions[2]}", "c")
            + End($"{positions[2]}"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Messages_PublishedTogetherWhileOthersPublish_NothingComesBetween()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news"));
        var messages = Enumerable.Range(0, 200).Select(i => new EventStreamMessage { Data = $"{i}" }).ToArray();

        var calls = (await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            List<long[]> got = [];
            for (var i = 0; i < 10; i++)
            {
                var positions = await app.Hub().PublishBatchAsync("news", messages);
                got.Add([.. positions.Select(position => position.Sequence)]);
            }

            return got;
        }))).OrFail()).SelectMany(got => got).OrderBy(sequences => sequences[0]).ToArray();

        calls.SelectMany(sequences => sequences)
            .Should().Equal(Enumerable.Range(1, 4 * 10 * messages.Length).Select(sequence => (long)sequence));
    }

    [Fact(Timeout = 30_000)]
    public async Task Messages_NoneAtAll_IsNothingDone()
    {
        await using var app = await StartNewsAsync();
        await app.GetChannel("news").CompleteAsync();

        (await app.Hub().PublishBatchAsync("news", (EventStreamMessage[])[])).Should().BeEmpty();

        if (app.App.Services.GetService<IEventStreamLog>() is SharedLog log) log.Appends.Should().NotContain(0);
    }

    public static TheoryData<EventStreamMessage, string> Refused => new()
    {
        { default, "*empty*" },
        { new() { Id = "1", Data = "a" }, "*sets the ids of its messages*" },
        { new() { Data = new string('x', 1024) }, "*at most 1024*" },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public async Task Messages_OneCannotBePublished_NoneIs(EventStreamMessage wrong, string reason)
    {
        await using var app = await StartNewsAsync();
        var channel = app.GetChannel("news");
        await channel.PublishAsync(Good("taken"));

        var publishing = () => channel.PublishBatchAsync([Good("first"), Good("second"), wrong, Good("third")]).AsTask();
        (await publishing.Should().ThrowAsync<ArgumentException>()).WithMessage(reason);

        (await channel.PublishAsync(Good("first"))).Sequence.Should().Be(2);
        await channel.CompleteAsync();
        using var stream = await app.OpenAsync("/news");
        (await stream.ReadToEndAsync()).Split('\n').Where(line => line.StartsWith("data: "))
            .Should().Equal("data: taken", "data: first", "data: end");

        static EventStreamMessage Good(string data) => new() { Data = data };
    }

    [Fact(Timeout = 30_000)]
    public async Task Messages_CancelledCompleteOrNull_AreRefused()
    {
        await using var app = await StartNewsAsync();
        var channel = app.GetChannel("news");
        EventStreamMessage[] messages = [new() { Data = "a" }, new() { Data = "b" }];

        var cancelled = () => channel.PublishBatchAsync(messages, cancellationToken: new(canceled: true)).AsTask();
        await cancelled.Should().ThrowAsync<OperationCanceledException>();
        await FluentActions.Awaiting(() => channel.PublishBatchAsync((IReadOnlyList<EventStreamMessage>)null!).AsTask())
            .Should().ThrowAsync<ArgumentNullException>();
        (await channel.PublishBatchAsync(messages))[0].Sequence.Should().Be(1);
        await channel.CompleteAsync();

        await FluentActions.Awaiting(() => channel.PublishBatchAsync(messages).AsTask()).Should().ThrowAsync<InvalidOperationException>()
            .WithMessage("*complete*");
    }

    [Fact(Timeout = 30_000)]
    public async Task Metadata_OfMessagesPublishedTogether_IsThatOfEach()
    {
        List<(long, string?, EventStreamMetadata?)> seen = [];
        await using var app = await StartNewsAsync(app => app.MapEventStream("/seen", _ => new EventStreamSubscription("news")
        {
            Filter = entry =>
            {
                seen.Add((entry.Position.Sequence, entry.Event, entry.Metadata));
                return true;
            },
        }));
        var metadata = new EventStreamMetadata { Sender = "me", Tag = "t" };
        await app.GetChannel("news").PublishBatchAsync([new() { Data = "a" }, new() { Event = "price", Data = "b" }], metadata);
        await app.GetChannel("news").CompleteAsync();

        using var stream = await app.OpenAsync("/seen");
        await stream.ReadToEndAsync();
        seen.Should().Equal((1, null, metadata), (2, "price", metadata));
    }

    private Task<TestApp> StartNewsAsync(Action<WebApplication>? map = null) => StartAsync(
        channels => channels.AddChannel("news", c => (c.MaxBytes, c.Start) = (1024, EventStreamStart.Oldest)),
        map);

    public sealed class InMemory() : PublishTogetherTests(Kept.InMemory);

    public sealed class InALog() : PublishTogetherTests(Kept.InALog);

    public sealed class BeyondMemory() : PublishTogetherTests(Kept.BeyondMemory);
}
