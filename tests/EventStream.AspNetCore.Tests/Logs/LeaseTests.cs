using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>A node that cannot know who was revoked holds what is for named users, and loses none of it.</summary>
public sealed class LeaseTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory(Timeout = 30_000)]
    [InlineData("/here", "here")]
    [InlineData("/several?channel=here&channel=orders/1", "here")]
    public async Task Reads_FailForLongerThanTheTimeout_NamedUsersHoldWithTheirKeepAlivesAndThenGetAll(string path, string channel)
    {
        await using var nodes = await Nodes.StartAsync(1);
        await nodes[0].GetChannel("orders/1").SayAsync("exists");
        await using var ann = await nodes[0].ListenAsAsync("ann", path);
        await using var nobody = await nodes[0].ListenAsync("/here");
        await nobody.NextPositionAsync();
        await ann.NextPositionAsync();
        nodes.LinkOf(0).Cut();
        nodes.Log.Poll();

        nodes.Advance(4 * Second);
        await nodes[0].SayToNobodyAsync(channel, "in time", nobody);
        (await ann.NextAsync()).Data.Should().Be("in time");
        nodes.Advance(2 * Second);
        await nodes[0].SayToNobodyAsync(channel, "held", nobody);
        await nodes[0].SayToNobodyAsync(channel, "held too", nobody);
        nodes.Advance(15 * Second);
        (await ann.NextCommentAsync()).Should().BeEmpty();
        ann.Body.Should().NotContain("held");

        nodes.LinkOf(0).Mend();
        await nodes.AdvanceUntil(() => ann.Body.Contains("held too", StringComparison.Ordinal), "the lease is renewed");

        (await ann.CollectAsync(2)).Select(message => message.Data).Should().Equal("held", "held too");
        await Soon.Until(() => nodes[0].Log.Entries.Any(entry => entry.Message.Contains("delivers to named users")));
        nodes[0].Log.AtLeast(LogLevel.Warning)
            .Should().ContainSingle(entry => entry.Message.Contains("holds all messages for named users"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Appends_FailWhileReadsWork_NamedUsersHoldBeforeTheOthersForgetTheNode()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await using var ann = await nodes[0].ListenAsAsync("ann", "/here");
        await using var nobody = await nodes[0].ListenAsync("/here");
        await nobody.NextPositionAsync();
        await ann.NextPositionAsync();
        nodes.LinkOf(0).Appending = _ => Task.FromException(new EventStreamLogException("read-only") { IsTransient = true });

        for (var second = 0; second < 17; second++)
        {
            nodes.Advance(Second);
            await Soon.Until(() => nodes[0].Lease().IsValid, $"second {second}: it reads");
        }

        await nodes[0].SayToNobodyAsync("here", "in time", nobody);
        (await ann.NextAsync()).Data.Should().Be("in time");
        nodes.Advance(2 * Second);
        await nodes[0].SayToNobodyAsync("here", "held", nobody);
        nodes.Log.Poll();
        await Soon.Until(() => nodes.Log.IsHeard);
        nodes[0].Lease().IsValid.Should().BeFalse("another node forgets it soon");

        nodes.LinkOf(0).Mend();
        await nodes.AdvanceUntil(() => ann.Body.Contains("held", StringComparison.Ordinal), "the node announces itself again");
    }

    [Fact(Timeout = 30_000)]
    public async Task Unavailable_ForLongerThanTheOthersRemember_AnnouncesItselfBeforeItDelivers()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await using var ann = await nodes[0].ListenAsAsync("ann", "/here");
        await using var nobody = await nodes[0].ListenAsync("/here");
        await nobody.NextPositionAsync();
        await ann.NextPositionAsync();
        var (asked, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        nodes.LinkOf(0).Cut();
        nodes.Advance(60 * Second);
        nodes.LinkOf(0).Mend();
        nodes.LinkOf(0).Appending = _ =>
        {
            asked.TrySetResult();
            return go.Task;
        };

        await nodes[0].SayToNobodyAsync("here", "held", nobody);
        await nodes.AdvanceUntil(() => asked.Task.IsCompleted, "the node announces itself");
        for (var i = 0; i < 5; i++) nodes.Log.Poll();
        await Soon.Until(() => nodes.Log.IsHeard);
        nodes[0].Lease().IsValid.Should().BeFalse("it may read, and nobody knows it");
        ann.Body.Should().NotContain("held");
        go.SetResult();

        var held = ann.NextAsync();
        await nodes.AdvanceUntil(() => held.IsCompleted, "the node has read its announcement");
        (await held).Data.Should().Be("held");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Start_BeforeTheAnnouncementIsReadBack_NamedUsersHold(bool isAppended)
    {
        await using var nodes = await Nodes.StartAsync(1);
        var go = new TaskCompletionSource();
        var started = await nodes.AddAsync(link =>
        {
            if (isAppended) link.Reading = _ => go.Task;
            else link.Appending = _ => go.Task;
        });
        await using var ann = await started.ListenAsAsync("ann", "/here");
        await using var nobody = await started.ListenAsync("/here");
        await nobody.NextPositionAsync();

        await started.SayToNobodyAsync("here", "held", nobody);
        started.Time.Advance(15 * Second);
        (await ann.NextCommentAsync()).Should().BeEmpty();
        ann.Body.Should().NotContain("id: ");
        go.SetResult();

        await nodes.AdvanceUntil(() => ann.Body.Contains("held", StringComparison.Ordinal), "the node has read its announcement");
        (await ann.NextAsync()).Should().Be(Event(started.GetChannel("here").Newest!.Value.ToString(), "held"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Complete_WhileTheNodeHolds_NamedUsersReceiveItLater()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await using var ann = await nodes[0].ListenAsAsync("ann", "/here");
        await using var nobody = await nodes[0].ListenAsync("/here");
        await nobody.NextPositionAsync();
        await ann.NextPositionAsync();
        nodes.LinkOf(0).Cut();
        nodes.Advance(6 * Second);

        await nodes[0].GetChannel("here").CompleteAsync();
        (await nobody.NextAsync()).Event.Should().Be("stream-end");
        nodes.Advance(15 * Second);
        (await ann.NextCommentAsync()).Should().BeEmpty();
        ann.Body.Should().NotContain("stream-end");

        nodes.LinkOf(0).Mend();
        await nodes.AdvanceUntil(() => ann.Body.Contains("stream-end", StringComparison.Ordinal), "the lease is renewed");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("unknown", "stream-gap")]
    [InlineData(null, "id: ")]
    public async Task Open_WhileTheNodeHolds_GapSnapshotAndPositionComeLater(string? lastEventId, string first)
    {
        await using var nodes = await Nodes.StartAsync(
            1, news => news.OnGap = (_, _) => new(new EventStreamSnapshot([new() { Data = "state" }])));
        nodes.LinkOf(0).Cut();
        nodes.Advance(6 * Second);

        await using var ann = await nodes[0].ListenAsAsync("ann", "/here", lastEventId);
        nodes.Advance(15 * Second);
        (await ann.NextCommentAsync()).Should().BeEmpty();
        ann.Body.Should().NotContain(first).And.NotContain("state");

        nodes.LinkOf(0).Mend();
        await nodes.AdvanceUntil(
            () => ann.Body.Contains(lastEventId is null ? first : "state", StringComparison.Ordinal), "the lease is renewed");
        nodes[0].GetChannel("here").SubscriberCount.Should().Be(1);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task End_WhileTheNodeHolds_StreamsEndAtOnce(bool stops)
    {
        await using var nodes = await Nodes.StartAsync(1);
        using var ann = await nodes[0].JoinAsAsync("ann", "/here");
        await using var nobody = await nodes[0].ListenAsync("/here");
        await nobody.NextPositionAsync();
        nodes.LinkOf(0).Cut();
        nodes.Advance(6 * Second);
        await nodes[0].SayToNobodyAsync("here", "held", nobody);

        var ending = stops ? nodes[0].App.StopAsync() : nodes[0].Hub().DisconnectAsync("ann");

        // No clock moves: a stream that did not wake would be abandoned later.
        (await ann.ReadToEndAsync()).Should().MatchRegex(NamedUsers.NothingButTheEnd);
        await ending.ContinueWith(_ => { }, TaskScheduler.Default).OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Idle_WithoutNamedUsers_ReadsNothingAndWithThemOnceASecond()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await using var nobody = await nodes[0].ListenAsync("/news");
        await nobody.NextPositionAsync();
        (await ReadsInAMinuteAsync()).Should().Be(0);

        await using var ann = await nodes[0].ListenAsAsync("ann", "/here");
        await ann.NextPositionAsync();
        (await ReadsInAMinuteAsync()).Should().BeInRange(50, 62);
        nodes[0].Lease().IsValid.Should().BeTrue();

        async Task<int> ReadsInAMinuteAsync()
        {
            var before = ReadsOfTheNodes();
            for (var second = 0; second < 60; second++)
            {
                var reads = ReadsOfTheNodes();
                nodes.Advance(Second);
                await Soon.Until(() => !nodes[0].Lease().IsWanted || (nodes[0].Lease().IsValid && ReadsOfTheNodes() > reads));
                await nodes[0].SayToNobodyAsync("news", $"{second}", nobody);
            }

            return ReadsOfTheNodes() - before;
        }

        int ReadsOfTheNodes() => nodes.Log.Reads.Count(read => read.Any(request => request.Channel == "$nodes"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_OfWhatTheNodesSay_GoesBeforeThatOfOtherChannels()
    {
        await using var nodes = await Nodes.StartAsync(2);
        for (var n = 0; n < 200; n++)
        {
            await nodes[0].GetChannel($"orders/{n}").SayAsync("made");
            await nodes[1].GetChannel($"orders/{n}").GetNewestAsync();
        }

        var reads = new List<string[]>();
        var (asked, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        nodes.LinkOf(1).Reading = requests =>
        {
            lock (reads) reads.Add([.. requests.Select(request => request.Channel)]);
            asked.TrySetResult();
            return go.Task;
        };
        for (var n = 0; n < 200; n++) await nodes[0].GetChannel($"orders/{n}").SayAsync("placed");
        await asked.Task.OrFail();

        var appends = nodes.Log.Appends.Count;
        var disconnecting = nodes[0].Hub().DisconnectAsync("ann");
        await Soon.Until(() => nodes.Log.Appends.Count > appends && nodes.Log.IsHeard, "the other node has the hint");
        nodes.LinkOf(1).Reading = requests =>
        {
            lock (reads) reads.Add([.. requests.Select(request => request.Channel)]);
            return Task.CompletedTask;
        };
        go.SetResult();

        (await disconnecting.OrFail()).UnconfirmedNodes.Should().BeEmpty();
        lock (reads) reads[1].Should().Contain("$nodes");
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_BeforeItSaysGoodBye_DeliversNothingMore()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var wasValid = new List<bool>();
        nodes.LinkOf(0).Appending = records =>
        {
            if (records.Any(record => record.Event == "leaving")) wasValid.Add(nodes[0].Lease().IsValid);
            return Task.CompletedTask;
        };

        await nodes[0].App.StopAsync();

        wasValid.Should().Equal(false);
    }
}
