using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>Subscribers who are further behind than the ring goes: they read pages of the log, which they share.</summary>
public sealed class PageReadingTests
{
    [Theory(Timeout = 60_000)]
    [InlineData(1)]
    [InlineData(40_000)]
    public async Task Resume_OlderThanTheRing_EachOnceInOrderAndOnToWhatIsLive(int length)
    {
        await using var nodes = await Nodes.StartAsync(1, news => news.Capacity = 16);
        var count = length == 1 ? 1000 : 60;
        var ids = new List<string>();
        for (var n = 0; n < count; n++) ids.Add(await nodes[0].GetChannel("news").SayAsync($"{n} " + new string('x', length)));

        await using var stream = await nodes[0].ListenAsync("/news", ids[9]);
        var replayed = await stream.CollectAsync(count - 10);
        var live = await nodes[0].GetChannel("news").SayAsync("live");

        replayed.Select(message => message.LastEventId).Should().Equal(ids[10..]);
        replayed.Select(message => message.Data.Split(' ')[0]).Should().Equal(Enumerable.Range(10, count - 10).Select(n => $"{n}"));
        (await stream.NextAsync()).Should().Be(Event(live, "live"));
    }

    [Fact(Timeout = 60_000)]
    public async Task Resume_OfMany_CostsTheLogWhatOneCosts()
    {
        await using var nodes = await Nodes.StartAsync(1, news => news.Capacity = 16);
        var ids = await nodes[0].GetChannel("news").SayManyAsync(1000);
        nodes.Log.Reads.Clear();

        var streams = await Task.WhenAll(Enumerable.Range(0, 100).Select(n => nodes[0].ListenAsync("/news", ids[n])));
        var heard = await Task.WhenAll(streams.Select((stream, n) => stream.CollectAsync(1000 - n)));

        for (var n = 0; n < 100; n++) heard[n].Select(message => message.LastEventId).Should().Equal(ids[(n + 1)..]);
        nodes.Log.Reads.Count(read => read[0].Channel == "news").Should().BeLessThan(40, "pages are shared");
        nodes.Log.MostReadsAtOnce.Should().BeLessThanOrEqualTo(2, "one reader of what is new, and one of what is old");
        foreach (var stream in streams) await stream.DisposeAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task Slow_ReaderFallsOffTheRing_MissesNothing()
    {
        await using var nodes = await Nodes.StartAsync(1, news => news.Capacity = 16);
        var first = await nodes[0].GetChannel("news").SayAsync("0");
        using var stream = await nodes[0].OpenAsync("/news", first[..^1] + "0");

        // More than the sockets' buffers hold, so that the reader is behind when it begins to read.
        var text = new string('x', 100_000);
        for (var n = 1; n <= 200; n++) await nodes[0].GetChannel("news").SayAsync($"{n} {text}");
        await nodes[0].GetChannel("news").CompleteAsync();

        var events = ReferenceParser.Parse(await stream.ReadToEndAsync()).Events;
        events.Select(message => message.Event).Should().NotContain("stream-gap");
        events.SkipLast(1).Select(message => message.Data.Split(' ')[0]).Should().Equal(Enumerable.Range(0, 201).Select(n => $"{n}"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_DroppedFromTheLog_GetsAGapWithTheNumberLost()
    {
        await using var nodes = await Nodes.StartAsync(2, news => news.Capacity = 4);
        var ids = await nodes[0].GetChannel("news").SayManyAsync(20);
        nodes.Log.Retain("news", 10);

        using var stream = await nodes[1].OpenAsync("/news", ids[3]);

        await stream.ShouldBringAsync(
            $"id: {ids[10]}\n"
            + Gap("news", "evicted", ids[3], ids[11], ids[20], 7)
            + string.Concat(Enumerable.Range(11, 10).Select(n => Frame(ids[n], $"m{n}"))));
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_DroppedSinceThisNodeLooked_GetsAGapWithTheNumberLost()
    {
        await using var nodes = await Nodes.StartAsync(1, news => news.Capacity = 4);
        await using (var early = await nodes[0].ListenAsync("/news")) await early.NextPositionAsync();
        var ids = await nodes[0].GetChannel("news").SayManyAsync(20);
        nodes.Log.Retain("news", 10);

        using var stream = await nodes[0].OpenAsync("/news", ids[3]);

        await stream.ShouldBringAsync($"id: {ids[10]}\n" + Gap("news", "evicted", ids[3], ids[11], ids[20], 7) + Frame(ids[11], "m11"));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(3)]
    [InlineData(12)]
    [InlineData(1000)]
    public async Task Start_WithTheLast_GoesBackBeyondTheRing(int count)
    {
        await using var nodes = await Nodes.StartAsync(1, news => (news.Capacity, news.Start) = (4, EventStreamStart.Last(count)));
        var ids = await nodes[0].GetChannel("news").SayManyAsync(20);

        await using var stream = await nodes[0].ListenAsync("/news");

        var from = Math.Max(0, 20 - count);
        (await stream.CollectAsync(20 - from)).Select(message => message.LastEventId).Should().Equal(ids[(from + 1)..]);
    }

    [Fact(Timeout = 30_000)]
    public async Task Start_WithTheOldest_IsNoGapWhereTheOldestWereDropped()
    {
        await using var nodes = await Nodes.StartAsync(1, news => (news.Capacity, news.Start) = (4, EventStreamStart.Oldest));
        var ids = await nodes[0].GetChannel("news").SayManyAsync(20);
        nodes.Log.Retain("news", 10);

        await using var stream = await nodes[0].ListenAsync("/news");

        (await stream.CollectAsync(10)).Select(message => message.LastEventId).Should().Equal(ids[11..]);
    }

    [Fact(Timeout = 30_000)]
    public async Task Gap_WithASnapshot_ContinuesBehindIt()
    {
        await using var nodes = await Nodes.StartAsync(1, news =>
        {
            news.Capacity = 4;
            news.OnGap = (gap, _) => new(new EventStreamSnapshot([new() { Event = "state", Data = $"{gap.Oldest} {gap.Newest}" }]));
        });
        var ids = await nodes[0].GetChannel("news").SayManyAsync(20);
        nodes.Log.Retain("news", 10);

        await using var stream = await nodes[0].ListenAsync("/news", ids[3]);

        (await stream.NextAsync()).Event.Should().Be("stream-gap");
        (await stream.NextAsync()).Data.Should().Be($"{ids[11]} {ids[20]}");
        var live = await nodes[0].GetChannel("news").SayAsync("live");
        (await stream.NextAsync()).Should().Be(Event(live, "live"));
    }

    [Fact(Timeout = 60_000)]
    public async Task Gap_WhoseSnapshotHasToWait_IsDescribedAsTheLogIsAfterTheWait()
    {
        List<EventStreamGap> gaps = [];
        Nodes? started = null;
        await using var nodes = started = await Nodes.StartAsync(1, news =>
        {
            news.Capacity = 4;
            news.OnGap = async (gap, _) =>
            {
                gaps.Add(gap);
                await PublishAndDropAsync(started!, retained: 3);
                return new([]);
            };
        });
        var first = (await PublishAndDropAsync(nodes, retained: 3))[..10] + "1";
        await using var stream = await nodes[0].ListenAsync("/news", first);
        while (gaps.Count < 4) await nodes[0].Time.AdvanceAsync(TimeSpan.FromSeconds(1));

        // More than a page is shared for, and less than the fourth wait.
        await nodes[0].Time.AdvanceAsync(TimeSpan.FromSeconds(6));
        var newest = await PublishAndDropAsync(nodes, retained: 2);
        while (gaps.Count < 5) await nodes[0].Time.AdvanceAsync(TimeSpan.FromSeconds(1));

        gaps[4].Reason.Should().Be(EventStreamGapReason.Slow);
        gaps[4].Newest.ToString().Should().Be(newest);
        gaps[4].Oldest!.Value.Sequence.Should().Be(gaps[4].Newest.Sequence - 1);

        static async Task<string> PublishAndDropAsync(Nodes nodes, int retained)
        {
            var ids = await nodes[0].GetChannel("news").SayManyAsync(20);
            nodes.Log.Retain("news", retained);
            return ids[^1];
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task LatestByKey_Replayed_IsTheNewestOfEachAndNoGap()
    {
        await using var nodes = await Nodes.StartAsync(2, news => (news.Capacity, news.LatestByKey) = (4, true));
        var start = await nodes[0].GetChannel("news").SayAsync("start");
        for (var n = 0; n < 30; n++) await nodes[0].GetChannel("news").SayAsync($"{n}", new() { Key = $"{n % 10}" });

        await using var stream = await nodes[1].ListenAsync("/news", start);

        (await stream.CollectAsync(10)).Select(message => message.Data).Should().Equal(Enumerable.Range(20, 10).Select(n => $"{n}"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Leave_WhileAPageIsAwaited_EndsTheStreamAtOnce()
    {
        await using var nodes = await Nodes.StartAsync(1, news => news.Capacity = 4);
        var ids = await nodes[0].GetChannel("news").SayManyAsync(20);
        await using (var early = await nodes[0].ListenAsync("/news", ids[19])) await early.NextAsync();
        nodes.Log.Unavailable = new("unavailable") { IsTransient = true };

        var stream = await nodes[0].OpenAsync("/news", ids[3]);
        await Soon.Until(() => nodes[0].GetChannel("news").SubscriberCount == 1);
        stream.Dispose();

        await Soon.Until(() => nodes[0].GetChannel("news").SubscriberCount == 0);
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_WhileAPageIsAwaited_GivesTheReadUp()
    {
        await using var nodes = await Nodes.StartAsync(1, news => news.Capacity = 4);
        var ids = await nodes[0].GetChannel("news").SayManyAsync(20);
        await using (var early = await nodes[0].ListenAsync("/news")) await early.NextPositionAsync();
        var givenUp = new TaskCompletionSource();
        var underWay = new TaskCompletionSource();
        nodes.Log.Answering = async (requests, token) =>
        {
            underWay.TrySetResult();
            await using var registration = token.Register(() => givenUp.TrySetResult());
            await givenUp.Task;
            token.ThrowIfCancellationRequested();
        };
        using var stream = await nodes[0].OpenAsync("/news", ids[3]);
        await underWay.Task.OrFail();

        await nodes[0].App.StopAsync().OrFail();

        await givenUp.Task.OrFail();
    }
}
