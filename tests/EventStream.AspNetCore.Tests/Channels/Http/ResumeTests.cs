using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>Where a stream begins: at the first visit, and after a reconnect.</summary>
public abstract class ResumeTests(Kept kept) : ChannelTests(kept)
{
    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FirstVisit_Default_PositionAtOnceThenWhatIsPublished(bool http2)
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news"), http2: http2);
        var ids = await app.GetChannel("news").SayManyAsync(2);

        using var stream = await app.OpenAsync("/news");
        await stream.ShouldBringAsync(Position(ids[2]));
        var third = await app.GetChannel("news").SayAsync("third");
        await stream.ShouldBringAsync(Frame(third, "third"));
        await app.GetChannel("news").CompleteAsync();

        await stream.ShouldEndWithAsync(End(third));
    }

    [Fact(Timeout = 30_000)]
    public async Task FirstVisit_NothingWasPublished_PositionBeforeTheFirst()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news"));

        using var stream = await app.OpenAsync("/news");
        var position = await stream.ReadPositionAsync();

        position.Should().MatchRegex(@"^[0-9a-z]{9}-0$");
        var first = await app.GetChannel("news").SayAsync("first");
        first.Should().StartWith(position[..3]).And.EndWith("-1");
        await stream.ShouldBringAsync(Frame(first, "first"));
    }

    [Fact(Timeout = 30_000)]
    public async Task FirstVisit_CutBeforeTheFirstMessage_ResumesWithNothingMissing()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news"));
        string position;
        using (var cut = await app.OpenAsync("/news")) position = await cut.ReadPositionAsync();
        var ids = await app.GetChannel("news").SayManyAsync(2);

        using var stream = await app.OpenAsync("/news", position);

        await stream.ShouldBringAsync(Frame(ids[1], "m1") + Frame(ids[2], "m2"));
    }

    public static TheoryData<EventStreamStart?, EventStreamStart?, int> Starts => new()
    {
        { EventStreamStart.Oldest, null, 3 },
        { EventStreamStart.Last(2), null, 2 },
        { EventStreamStart.Last(0), null, 0 },
        { EventStreamStart.Last(100), null, 3 },
        { EventStreamStart.Now, null, 0 },
        { null, EventStreamStart.Oldest, 3 },
        { EventStreamStart.Oldest, EventStreamStart.Last(1), 1 },
        { EventStreamStart.Oldest, EventStreamStart.Now, 0 },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Starts), DisableDiscoveryEnumeration = true)]
    public async Task FirstVisit_Start_ThatManyOfTheRetainedThenLive(
        EventStreamStart? ofChannel, EventStreamStart? ofSubscription, int count)
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news", c => (c.Capacity, c.Start) = (3, ofChannel)),
            app => app.MapEventStream("/from", _ => new EventStreamSubscription("news") { Start = ofSubscription }));
        var ids = await app.GetChannel("news").SayManyAsync(5);

        using var stream = await app.OpenAsync("/from");
        await app.GetChannel("news").CompleteAsync();

        var replayed = string.Concat(Enumerable.Range(6 - count, count).Select(i => Frame(ids[i], $"m{i}")));
        await stream.ShouldEndWithAsync((count == 0 ? Position(ids[5]) : replayed) + End(ids[5]));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Resume_KnownPosition_WhatFollowedOnceAndInOrder(bool http2)
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news"), http2: http2);
        var ids = await app.GetChannel("news").SayManyAsync(4);

        using var stream = await app.OpenAsync("/news", ids[2]);
        await app.GetChannel("news").CompleteAsync();

        await stream.ShouldEndWithAsync(Frame(ids[3], "m3") + Frame(ids[4], "m4") + End(ids[4]));
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_PositionIsTheNewest_NoGapHoweverMuchWasEvicted()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news", c => c.MaxAge = TimeSpan.FromSeconds(1)));
        var ids = await app.GetChannel("news").SayManyAsync(3);
        app.Time.Advance(TimeSpan.FromSeconds(5));
        app.GetChannel("news").Count.Should().Be(0);

        using var stream = await app.OpenAsync("/news", ids[3]);
        await stream.ShouldBringAsync(Position(ids[3]));
        var next = await app.GetChannel("news").SayAsync("next");

        await stream.ShouldBringAsync(Frame(next, "next"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_EmptyLastEventId_IsAFirstVisit()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news"));
        var ids = await app.GetChannel("news").SayManyAsync(2);

        using var stream = await app.OpenAsync("/news", "");

        await stream.ShouldBringAsync(Position(ids[2]));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(null, 3, 1)]
    [InlineData(2, 3, 2)]
    [InlineData(3, 1, 3)]
    public async Task Resume_HeaderAndQuery_HeaderWins(int? header, int query, int after)
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news"), options: o => o.LastEventIdQueryParameter = "lastEventId");
        var ids = await app.GetChannel("news").SayManyAsync(4);
        if (header is null) query = after;

        using var stream = await app.OpenAsync($"/news?lastEventId={ids[query]}", header is { } i ? ids[i] : null);

        await stream.ShouldBringAsync(Frame(ids[after + 1], $"m{after + 1}"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Seam_PublishedWhileTheSubscriberJoins_DeliveredOnce()
    {
        // The observer runs when the position is taken and nothing is replayed yet: what is published in it is neither replay nor a wake.
        await using var app = await StartAsync(channels => channels.AddChannel("news", c => c.OnJoined = subscriber =>
            subscriber.Channel.PublishAsync(new EventStreamMessage { Data = "between" }).AsTask().Wait()));
        var ids = await app.GetChannel("news").SayManyAsync(2);

        using var stream = await app.OpenAsync("/news", ids[1]);
        await stream.ShouldBringAsync(Frame(ids[2], "m2"));
        await app.GetChannel("news").CompleteAsync();

        var newest = app.GetChannel("news").Newest!.Value.ToString();
        await stream.ShouldEndWithAsync(Frame(newest, "between") + End(newest));
    }

    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Seam_PublishingAllTheTime_EachReaderHasEveryMessageFromItsPositionOnce(bool http2)
    {
        const int readers = 20;
        await using var app = await StartAsync(channels => channels.AddChannel("news", c => c.Capacity = 100_000), http2: http2);
        var channel = app.GetChannel("news");
        var publishing = Task.Run(async () =>
        {
            var count = 0;
            while (channel.SubscriberCount < readers && count < 90_000)
            {
                await channel.SayAsync($"m{++count}");
                if (count % 20 == 0) await Task.Delay(1);
            }

            await channel.CompleteAsync();
            return count;
        });

        var reading = Enumerable.Range(0, readers).Select(_ => Task.Run(async () =>
        {
            var from = await channel.GetNewestAsync();
            using var stream = await app.OpenAsync("/news", from.ToString());
            return (from, read: await stream.ReadToEndAsync());
        })).ToArray();

        var count = await publishing.OrFail();
        var epoch = channel.Newest!.Value.ToString()[..9];
        foreach (var reader in reading)
        {
            var (from, read) = await reader.OrFail();

            // It gets its position if no message was newer when it subscribed.
            if (read.StartsWith(Position($"{from}"))) read = read[Position($"{from}").Length..];
            var all = string.Concat(
                Enumerable.Range((int)from.Sequence + 1, count - (int)from.Sequence).Select(i => Frame($"{epoch}-{i}", $"m{i}")));
            (read == all + End($"{epoch}-{count}")).Should().BeTrue(
                "everything after {0} of {1} comes once, and this came: {2}", from, count, read.Length > 2000 ? read[..2000] : read);
        }
    }

    public sealed class InMemory() : ResumeTests(Kept.InMemory);

    public sealed class InALog() : ResumeTests(Kept.InALog);

    public sealed class BeyondMemory() : ResumeTests(Kept.BeyondMemory);
}
