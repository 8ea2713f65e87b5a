using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>Several nodes with one log: a message that is published on one arrives on all, and a client may connect to any.</summary>
public sealed class NodeTests
{
    [Fact(Timeout = 30_000)]
    public async Task Publish_OnOneNode_ArrivesOnAllInOneOrder()
    {
        await using var nodes = await Nodes.StartAsync(3);
        await using var first = await nodes[0].ListenAsync("/news");
        await using var second = await nodes[1].ListenAsync("/news");
        await first.NextPositionAsync();
        await second.NextPositionAsync();

        var ids = new List<string>();
        for (var n = 0; n < 30; n++) ids.Add(await nodes[n % 3].GetChannel("news").SayAsync($"{n}"));

        var expected = ids.Select((id, n) => Event(id, $"{n}"));
        (await first.CollectAsync(30)).Should().Equal(expected);
        (await second.CollectAsync(30)).Should().Equal(expected);
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_ByManyOnAllNodes_SequencesWithoutHolesAndEachNodeHasTheSame()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await using var first = await nodes[0].ListenAsync("/news");
        await using var second = await nodes[1].ListenAsync("/news");
        await first.NextPositionAsync();
        await second.NextPositionAsync();

        var positions = await Task.WhenAll(
            Enumerable.Range(0, 400).Select(n => Task.Run(() => nodes[n % 2].GetChannel("news").PublishAsync($"{n}").AsTask())));

        positions.Select(position => position.Sequence).Order().Should().Equal(Enumerable.Range(1, 400).Select(n => (long)n));
        var heard = await first.CollectAsync(400);
        (await second.CollectAsync(400)).Should().Equal(heard);
        heard.Select(message => message.LastEventId)
            .Should().Equal(positions.OrderBy(position => position.Sequence).Select(position => position.ToString()));
    }

    [Fact(Timeout = 30_000)]
    public async Task Metrics_WhatNodesTellEachOther_IsNotMeasured()
    {
        await using var nodes = await Nodes.StartAsync(2);
        using var metrics = new MetricRecorder(nodes[0].App.Services);
        var hub = nodes[0].App.Services.GetRequiredService<EventStreamHub>();

        await hub.DisconnectAsync("bob").OrFail();
        await nodes[0].GetChannel("news").SayAsync("a");

        metrics.Of("event_stream.channel.published").Should().ContainSingle().Which.Tags["event_stream.channel"].Should().Be("news");
        hub.Channels.Select(channel => channel.Name).Should().Equal("news");
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_AppendsUnderWay_TheOthersGoTogether()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await nodes[0].GetChannel("news").SayAsync("first");
        var gate = new TaskCompletionSource();
        nodes.Log.Gate = _ => gate.Task;
        nodes.Log.Appends.Clear();

        var publishing = Enumerable.Range(0, 100).Select(n => nodes[0].GetChannel("news").SayAsync($"{n}")).ToArray();
        gate.SetResult();
        await Task.WhenAll(publishing).OrFail();

        nodes.Log.Appends.Sum().Should().BeGreaterThanOrEqualTo(100);
        nodes.Log.Appends.Should().HaveCountLessThanOrEqualTo(4);
        publishing.Select(id => int.Parse(id.Result.Split('-')[1])).Should().Equal(Enumerable.Range(2, 100));
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_WithoutSubscribers_ReadsNothing()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await nodes.AdvanceUntil(() => nodes.Log.Reads.Count > 1, "the nodes' own channel was read");
        nodes.Log.Reads.Clear();

        for (var n = 0; n < 50; n++) await nodes[0].GetChannel("news").SayAsync($"{n}");

        nodes.Log.Reads.SelectMany(read => read).Should().NotContain(request => request.Channel == "news");
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_OnTheSameNode_IsNotReadBack()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var first = await nodes[0].GetChannel("news").SayAsync("first");
        await using var stream = await nodes[0].ListenAsync("/news", first);
        await stream.NextPositionAsync();
        nodes.Log.Reads.Clear();

        for (var n = 0; n < 50; n++) await nodes[0].GetChannel("news").SayAsync($"{n}");

        (await stream.CollectAsync(50)).Select(message => message.Data).Should().Equal(Enumerable.Range(0, 50).Select(n => $"{n}"));
        nodes.Log.Reads.SelectMany(read => read).Where(request => request.Channel == "news" && request.After < 50).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Hop_ToANodeThatHasNotReadYet_GetsWhatFollowsAndNoGap()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await using (var there = await nodes[1].ListenAsync("/news")) await there.NextPositionAsync();
        nodes.Log.IsMute = true;
        var ids = await nodes[0].GetChannel("news").SayManyAsync(4);
        nodes[1].GetChannel("news").Newest!.Value.Sequence.Should().Be(0, "or this tests nothing");

        await using var stream = await nodes[1].ListenAsync("/news", ids[3]);

        (await stream.NextAsync()).Should().Be(Event(ids[4], "m4"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Hop_ToANodeThatHasJustStarted_GetsWhatFollows()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var ids = await nodes[0].GetChannel("news").SayManyAsync(10);
        var started = await nodes.AddAsync();

        await using var stream = await started.ListenAsync("/news", ids[7]);

        (await stream.CollectAsync(3)).Should().Equal(Event(ids[8], "m8"), Event(ids[9], "m9"), Event(ids[10], "m10"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Position_ThatNoNodeHasPublished_IsAGap()
    {
        await using var nodes = await Nodes.StartAsync(2);
        var ids = await nodes[0].GetChannel("news").SayManyAsync(2);

        using var stream = await nodes[1].OpenAsync("/news", ids[2][..^1] + "7");

        await stream.ShouldBringAsync(
            $"id: {ids[0]}\n" + Gap("news", "future", ids[2][..^1] + "7", ids[1], ids[2], null) + Frame(ids[1], "m1"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Hint_Lost_CostsTimeAndNoMessage()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await using var stream = await nodes[1].ListenAsync("/news");
        await stream.NextPositionAsync();
        nodes.Log.IsMute = true;
        var ids = await nodes[0].GetChannel("news").SayManyAsync(3);

        nodes.Log.Poll();

        (await stream.CollectAsync(3)).Select(message => message.LastEventId).Should().Equal(ids[1..]);
    }

    [Fact(Timeout = 30_000)]
    public async Task Complete_OnOneNode_EndsTheSubscribersOfAll()
    {
        await using var nodes = await Nodes.StartAsync(2);
        using var stream = await nodes[1].OpenAsync("/news");
        var start = await stream.ReadPositionAsync();
        var last = await nodes[0].GetChannel("news").SayAsync("last");
        start.Should().EndWith("-0");

        await nodes[0].GetChannel("news").CompleteAsync();

        await stream.ShouldEndWithAsync(Frame(last, "last") + End(last));
        await nodes[1].GetChannel("news").Invoking(channel => channel.SayAsync("more")).Should().ThrowAsync<InvalidOperationException>()
            .WithMessage("*complete*");
        await nodes[0].GetChannel("news").CompleteAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task Complete_BeforeASubscriberCameToThisNode_EndsIt()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var ids = await nodes[0].GetChannel("news").SayManyAsync(2);
        await nodes[0].GetChannel("news").CompleteAsync();

        using var stream = await (await nodes.AddAsync()).OpenAsync("/news", ids[1]);

        await stream.ShouldEndWithAsync(Frame(ids[2], "m2") + End(ids[2]));
    }

    [Fact(Timeout = 30_000)]
    public async Task Restart_OfTheLog_StreamsEndWithARetryAndAReconnectGetsTheGap()
    {
        await using var nodes = await Nodes.StartAsync(2);
        var ids = await nodes[0].GetChannel("news").SayManyAsync(2);
        using var stream = await nodes[1].OpenAsync("/news", ids[1]);
        await stream.ShouldBringAsync(Frame(ids[2], "m2"));

        nodes.Log.Restart("news");

        (await stream.ReadToEndAsync()).Should().MatchRegex(@"\Aretry: \d{4}\n\z");
        using var again = await nodes[1].OpenAsync("/news", ids[2]);
        var id = await again.ReadLineAsync();
        id.Should().StartWith($"id: {ids[2][..3]}zzzzzz-0");
        (await again.ReadLineAsync()).Should().Be("event: stream-gap\n");
        (await again.ReadLineAsync()).Should().Contain("\"reason\":\"restarted\"");
        (await nodes[0].GetChannel("news").SayAsync("m3")).Should().Be($"{ids[2][..3]}zzzzzz-3");
    }

    [Fact(Timeout = 30_000)]
    public async Task SetBack_WithoutTheLogsKnowing_SubscribersComeBackAndGetTheGap()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var ids = await nodes[0].GetChannel("news").SayManyAsync(10);
        using var stream = await nodes[0].OpenAsync("/news", ids[9]);
        await stream.ShouldBringAsync(Frame(ids[10], "m10"));

        nodes.Log.SetBack("news", 4);

        (await stream.ReadToEndAsync()).Should().MatchRegex(@"\Aretry: \d+\n\z");
        await using var again = await nodes[0].ListenAsync("/news", ids[10]);
        (await again.NextAsync()).Data.Should().Contain("\"future\"");
    }

    [Fact(Timeout = 30_000)]
    public async Task Pattern_ChannelThatOnlyTheLogHas_IsFound()
    {
        await using var nodes = await Nodes.StartAsync(2);
        var id = await nodes[0].GetChannel("orders/1").SayAsync("one");

        await using var stream = await nodes[1].ListenAsync("/orders/1", id[..^1] + "0");
        (await stream.NextAsync()).Should().Be(Event(id, "one"));

        (await nodes[1].Client.GetAsync("/orders/2")).StatusCode.Should().Be(System.Net.HttpStatusCode.NotFound);
        nodes.Log.Has("orders/2").Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task Pattern_Idle_IsLetGoByTheNodeAndFoundAgain()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var id = await nodes[0].GetChannel("orders/1").SayAsync("one");
        await using (var stream = await nodes[0].ListenAsync("/orders/1", id[..^1] + "0")) await stream.NextAsync();

        await nodes.AdvanceUntil(() => nodes[0].Hub().Channels.Count == 0, "the node lets go of the channel");

        await using var again = await nodes[0].ListenAsync("/orders/1", id[..^1] + "0");
        (await again.NextAsync()).Should().Be(Event(id, "one"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Pattern_ForgedPosition_MakesNoChannel()
    {
        await using var others = await Nodes.StartAsync(1);
        var forged = await others[0].GetChannel("orders/1").SayAsync("one");
        await using var nodes = await Nodes.StartAsync(1);

        using var stream = await nodes[0].OpenAsync("/orders/1", forged);

        stream.Response.StatusCode.Should().Be(System.Net.HttpStatusCode.NotFound);
        nodes.Log.Has("orders/1").Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_WhileAnotherNodeReadsTheChannelForTheFirstTime_ArrivesThereAtOnce()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await using (var early = await nodes[0].ListenAsync("/news")) await early.NextPositionAsync();
        var (underWay, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        nodes.Log.Answering = (requests, _) => requests.Any(request => request is { Channel: "news", After: long.MaxValue })
            && underWay.TrySetResult()
            ? gate.Task
            : Task.CompletedTask;

        await using var stream = await nodes[1].ListenAsync("/news", nodes[0].GetChannel("news").Newest!.Value.ToString());
        await underWay.Task.OrFail();
        var id = await nodes[0].GetChannel("news").SayAsync("meanwhile");
        await Soon.Until(() => nodes.Log.IsHeard);
        gate.SetResult();

        // No clock moves, so no poll helps.
        (await stream.NextAsync()).Should().Be(Event(id, "meanwhile"));
    }
}
