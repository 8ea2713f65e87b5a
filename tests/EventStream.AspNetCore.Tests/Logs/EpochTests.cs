using System.Net;
using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>A channel that the log has dropped is another history when it is made again, whatever a node has in memory.</summary>
public sealed class EpochTests
{
    [Fact(Timeout = 30_000)]
    public async Task Publish_AfterTheChannelWasDropped_APositionOfBeforeIsAGap()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var before = await nodes[0].GetChannel("news").SayManyAsync(5);
        nodes.Log.Forget("news");

        var after = await nodes[0].GetChannel("news").SayManyAsync(10);

        await ShouldBeToldTheGapAsync(nodes[0], before[5], after);
    }

    [Fact(Timeout = 30_000)]
    public async Task Dropped_AndPublishedAgainOnTheNodeOfASubscriber_TheStreamEndsAndTheNextGetsTheGap()
    {
        await using var nodes = await Nodes.StartAsync(1);
        using var stream = await nodes[0].OpenAsync("/news");
        await stream.ReadPositionAsync();
        var before = await nodes[0].GetChannel("news").SayManyAsync(5);
        for (var n = 1; n <= 5; n++) await stream.ShouldBringAsync(Frame(before[n], $"m{n}"));
        nodes.Log.Forget("news");

        var after = await nodes[0].GetChannel("news").SayManyAsync(10);

        await ShouldEndForNowAsync(stream);
        await ShouldBeToldTheGapAsync(nodes[0], before[5], after);
    }

    [Fact(Timeout = 30_000)]
    public async Task Dropped_AndPublishedAgain_ClientIsNotToldThatItMayNotReadOn()
    {
        await using Nodes nodes = new() { Streams = o => o.Protocol = NamedUsers.SaysWhy };
        await nodes.AddAsync();
        using var stream = await nodes[0].JoinAsAsync("ann", "/news");
        var before = await nodes[0].GetChannel("news").SayManyAsync(1);
        await stream.ShouldBringAsync(Frame(before[1], "m1"));
        nodes.Log.Forget("news");

        await nodes[0].GetChannel("news").SayManyAsync(10);

        (await stream.ReadToEndAsync()).Should().MatchRegex(NamedUsers.NothingButTheEnd);
        await Soon.Until(() => nodes[0].Log.Entries.Any(entry => entry.Message.EndsWith("ended: HistoryReplaced.")));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(6, false)]
    [InlineData(3, true)]
    public async Task Dropped_AndPublishedAgainOnAnotherNode_TheStreamEndsAndTheNextGetsTheGap(int count, bool isHeardAtThePoll)
    {
        await using var nodes = await Nodes.StartAsync(2);
        using var stream = await nodes[1].OpenAsync("/news");
        await stream.ReadPositionAsync();
        var before = await nodes[0].GetChannel("news").SayManyAsync(5);
        for (var n = 1; n <= 5; n++) await stream.ShouldBringAsync(Frame(before[n], $"m{n}"));
        nodes.Log.Forget("news");

        var after = await nodes[0].GetChannel("news").SayManyAsync(count);
        if (isHeardAtThePoll) nodes.Log.Poll();

        await ShouldEndForNowAsync(stream);
        await ShouldBeToldTheGapAsync(nodes[1], before[5], after);
    }

    [Fact(Timeout = 30_000)]
    public async Task Dropped_AfterItsEndAndPublishedAgainOnAnotherNode_ThatArrivesWithoutAPoll()
    {
        await using var nodes = await Nodes.StartAsync(2);
        using var stream = await nodes[1].OpenAsync("/news");
        await stream.ReadPositionAsync();
        var before = await nodes[0].GetChannel("news").SayManyAsync(5);
        await nodes[0].GetChannel("news").CompleteAsync();
        await stream.ReadToEndAsync();
        var complete = nodes[1].GetChannel("news");
        complete.IsCompleted.Should().BeTrue();
        nodes.Log.Forget("news");

        var after = await nodes[0].GetChannel("news").SayManyAsync(1);

        await Soon.Until(() => nodes[1].GetChannel("news") != complete);
        await ShouldBeToldTheGapAsync(nodes[1], before[5], after);
    }

    [Fact(Timeout = 30_000)]
    public async Task Hop_WithAPositionOfAHistoryThatTheNodeDoesNotKnow_GetsWhatFollowsAndNoGap()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await using (var there = await nodes[1].ListenAsync("/news")) await there.NextPositionAsync();
        nodes.Log.IsMute = true;
        nodes.Log.Forget("news");
        var ids = await nodes[0].GetChannel("news").SayManyAsync(4);

        await using var stream = await nodes[1].ListenAsync("/news", ids[3]);

        (await stream.NextAsync()).Should().Be(Event(ids[4], "m4"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Complete_ThenDroppedAndPublishedAgain_IsNotCompleteAnyMore()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var channel = nodes[0].GetChannel("news");
        await channel.SayAsync("one");
        await channel.CompleteAsync();
        channel.IsCompleted.Should().BeTrue();
        nodes.Log.Forget("news");

        await channel.SayAsync("two");
        channel.IsCompleted.Should().BeFalse("what was completed is gone");

        await channel.CompleteAsync();
        channel.IsCompleted.Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task EndMark_ChannelThatThisNodeHasNotRead_IsComparedWithTheLogs()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var before = await nodes[0].GetChannel("orders/1").SayAsync("one");
        await nodes[0].GetChannel("orders/1").CompleteAsync();
        var fresh = await nodes.AddAsync();

        using (var known = await fresh.OpenAsync("/orders/1", before + ".end"))
        {
            known.Response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        }

        nodes.Log.Forget("orders/1");
        using (var gone = await fresh.OpenAsync("/orders/1", before + ".end"))
        {
            gone.Response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        }

        fresh.Hub().Channels.Should().BeEmpty();
        var after = await nodes[0].GetChannel("orders/1").SayManyAsync(1);
        await using var another = await fresh.ListenAsync("/orders/1", before + ".end");

        (await another.NextAsync()).Should().Be(Event(after[1], "m1"));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("1")]
    [InlineData("zzz000000")]
    [InlineData("{tag}ABCDEF")]
    [InlineData("{tag}0000000")]
    public async Task Epoch_OfWhichNoPositionCanBeMade_IsAFaultOfTheLogThatIsLogged(string epoch)
    {
        await using var nodes = await Nodes.StartAsync(0);
        var tag = EventStreamPosition.NewEpoch("news")[..3];
        nodes.Log.NewEpoch = name => name == "news" ? epoch.Replace("{tag}", tag) : EventStreamPosition.NewEpoch(name);
        var node = await nodes.AddAsync();
        await node.GetChannel("news").SayAsync("one");

        using var stream = await node.OpenAsync("/news");

        await Soon.Until(
            () => node.Log.AtLeast(LogLevel.Warning).Any(line => line.Exception?.Message.Contains("EventStreamPosition.NewEpoch") == true));
    }

    [Fact(Timeout = 30_000)]
    public async Task Origin_OfWhichNoPositionCanBeMade_IsAFaultOfTheLogThatIsLogged()
    {
        await using var nodes = await Nodes.StartAsync(0);
        nodes.Log.NewOrigin = name => name == "news" ? "origin" : EventStreamPosition.NewEpoch(name);
        var node = await nodes.AddAsync();

        using var stream = await node.OpenAsync("/news");

        await Soon.Until(() => node.Log.AtLeast(LogLevel.Warning).Any(line => line.Exception?.Message.Contains("'origin'") == true));
    }

    private static async Task ShouldEndForNowAsync(StreamReading stream) =>
        (await stream.ReadToEndAsync()).Should().MatchRegex(@"retry: \d+\n\z");

    private static async Task ShouldBeToldTheGapAsync(TestApp node, string before, string[] after)
    {
        await using var stream = await node.ListenAsync("/news", before);
        var gap = await stream.NextAsync();
        gap.Event.Should().Be("stream-gap");
        gap.Data.Should().Contain("\"reason\":\"restarted\"");
        gap.LastEventId.Should().Be(after[0]);
        (await stream.CollectAsync(after.Length - 1)).Should().Equal(after.Skip(1).Select((id, n) => Event(id, $"m{n + 1}")));
    }
}
