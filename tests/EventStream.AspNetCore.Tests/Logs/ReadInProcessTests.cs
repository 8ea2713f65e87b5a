using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Channels.Reading;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>A channel behind a log that is read in the process.</summary>
public sealed class ReadInProcessTests
{
    [Fact(Timeout = 30_000)]
    public async Task Read_OnAnotherNode_WhatFollowsThePositionAlsoBehindTheRing()
    {
        await using var nodes = await Nodes.StartAsync(2, news => news.Capacity = 2);
        var ids = await nodes[0].GetChannel("news").SayManyAsync(9);
        await using var reader = new EntryReader(nodes[1].GetChannel("news").ReadAsync(EventStreamPosition.Parse(ids[1])));

        (await reader.TextsAsync(8)).Should().Equal("m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9");
        reader.Ask();
        await nodes[0].GetChannel("news").SayAsync("live");
        (await reader.TextsAsync(1)).Should().Equal("live");
        nodes[1].GetChannel("news").SubscriberCount.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_LogHasAnotherHistory_ContinuesThereWithAGap()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var channel = nodes[0].GetChannel("news");
        await using var reader = new EntryReader(channel.ReadAsync()).Ask();
        await Soon.Until(() => channel.SubscriberCount == 1);
        var old = await channel.SayAsync("old");
        (await reader.TextsAsync(1)).Should().Equal("old");

        nodes.Log.Forget("news");
        var first = await channel.SayAsync("new");

        var gap = await reader.NextAsync();
        (gap.Gap!.Reason, gap.Gap.Requested).Should().Be((EventStreamGapReason.Restarted, old));
        (await reader.NextAsync()).Position.ToString().Should().Be(first);
        channel.SubscriberCount.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_ChannelIsCreatedWhileItWaits_ContinuesWithoutAGap()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await using var reader = new EntryReader(nodes[1].GetChannel("orders/1").ReadAsync()).Ask();
        await Soon.Until(() => nodes[1].GetChannel("orders/1").SubscriberCount == 1);

        await nodes[0].GetChannel("orders/1").SayAsync("first");

        (await reader.NextAsync()).Data.Should().Be("first");
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_CancelledWhileTheLogIsUnavailable_Throws()
    {
        await using var nodes = await Nodes.StartAsync(1);
        nodes.LinkOf(0).Cut();
        using var stop = new CancellationTokenSource();
        await using var reader = new EntryReader(nodes[0].GetChannel("news").ReadAsync(cancellationToken: stop.Token)).Ask();

        await stop.CancelAsync();

        await FluentActions.Awaiting(reader.MoveAsync).Should().ThrowAsync<OperationCanceledException>();
        nodes[0].GetChannel("news").SubscriberCount.Should().Be(0);
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_UserDisconnectedOnAnotherNode_Ends()
    {
        await using var nodes = await Nodes.StartAsync(2);
        var channel = nodes[1].GetChannel("news");
        await using var ann = new EntryReader(channel.ReadAsync(null, new EventStreamSubscriptionOptions { User = "ann" })).Ask();
        await Soon.Until(() => channel.SubscriberCount == 1);

        (await nodes[0].Hub().DisconnectAsync("ann")).UnconfirmedNodes.Should().BeEmpty();

        await ann.ShouldEndAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task GetRetained_OnANodeThatHasReadNothing_TheNewestOfTheLogAndNoMoreThanTheRing()
    {
        await using var nodes = await Nodes.StartAsync(2, news => news.Capacity = 3);
        var ids = await nodes[0].GetChannel("news").SayManyAsync(5);

        var retained = await nodes[1].GetChannel("news").GetRetainedAsync();

        retained.Select(entry => (entry.Position.ToString(), entry.Data)).Should().Equal((ids[3], "m3"), (ids[4], "m4"), (ids[5], "m5"));
        retained.Should().OnlyContain(entry => entry.Gap == null);
    }

    [Fact(Timeout = 30_000)]
    public async Task Newest_BeforeTheChannelIsRead_IsNull()
    {
        await using var nodes = await Nodes.StartAsync(2);
        var newest = await nodes[0].GetChannel("news").SayAsync("one");

        nodes[1].GetChannel("news").Newest.Should().BeNull();
        (await nodes[1].GetChannel("news").GetNewestAsync()).ToString().Should().Be(newest);
        nodes[1].GetChannel("news").Newest.ToString().Should().Be(newest);
    }
}
