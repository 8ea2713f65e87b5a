using System.Buffers;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Tests.Channels;
using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>The position of a channel that the log does not have: it is before the first message, and no row stands for it.</summary>
public sealed class OriginTests
{
    [Fact(Timeout = 30_000)]
    public async Task Subscribe_ChannelThatTheLogDoesNotHave_LeavesNoRow()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var position = await SubscribeAndLeaveAsync(nodes[0]);

        (await nodes[0].GetChannel("news").GetNewestAsync()).ToString().Should().Be(position);
        nodes.Log.Channels.Should().Equal("$nodes");
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_OnANodeThatStartedLater_GetsEverything()
    {
        await using var nodes = await Nodes.StartAsync(2);
        var position = await SubscribeAndLeaveAsync(nodes[0]);
        var ids = await nodes[1].GetChannel("news").SayManyAsync(3);

        await ShouldGetAllAsync(await nodes.AddAsync(), position, ids);
        await ShouldGetAllAsync(nodes[0], position, ids);
        await ShouldGetAllAsync(nodes[1], position, ids);
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_HintIsLost_GetsEverythingAtThePoll()
    {
        await using var nodes = await Nodes.StartAsync(2);
        var position = await SubscribeAndLeaveAsync(nodes[0]);
        nodes.Log.IsMute = true;
        var ids = await nodes[1].GetChannel("news").SayManyAsync(3);
        await using var stream = await nodes[0].ListenAsync("/news", position);
        await stream.NextPositionAsync();

        nodes.Log.Poll();

        (await stream.CollectAsync(3)).Should().Equal(ids.Skip(1).Select((id, n) => Event(id, $"m{n + 1}")));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Publish_WhileTheySubscribe_TheirStreamsGoOn(int publisher)
    {
        await using var nodes = await Nodes.StartAsync(2);
        using var stream = await nodes[0].OpenAsync("/news");
        (await stream.ReadPositionAsync()).Should().EndWith("-0");

        var ids = await nodes[publisher].GetChannel("news").SayManyAsync(3);

        await stream.ShouldBringAsync(Frame(ids[1], "m1") + Frame(ids[2], "m2") + Frame(ids[3], "m3"));
        await nodes[publisher].GetChannel("news").CompleteAsync();
        await stream.ShouldEndWithAsync(End(ids[3]));
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_MoreThanTheRingHolds_TheirStreamsGetAll()
    {
        await using var nodes = await Nodes.StartAsync(2, news => news.Capacity = 2);
        using var stream = await nodes[0].OpenAsync("/news");
        await stream.ReadPositionAsync();
        nodes.Log.IsMute = true;
        var ids = await nodes[1].GetChannel("news").SayManyAsync(5);

        nodes.Log.Poll();

        for (var n = 1; n <= 5; n++) await stream.ShouldBringAsync(Frame(ids[n], $"m{n}"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Complete_WithoutAMessage_EndsThem()
    {
        await using var nodes = await Nodes.StartAsync(2);
        using var stream = await nodes[0].OpenAsync("/news");
        await stream.ReadPositionAsync();

        await nodes[1].GetChannel("news").CompleteAsync();

        (await stream.ReadToEndAsync()).Should().MatchRegex(@"\Aid: [0-9a-z]{9}-0\.end\nevent: stream-end\ndata: end\n\n\z");
    }

    [Fact(Timeout = 30_000)]
    public async Task Dropped_AHistoryCameAndWentMeanwhile_IsAGap()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var position = await SubscribeAndLeaveAsync(nodes[0]);
        await nodes[0].GetChannel("news").SayManyAsync(5);
        await nodes[0].GetChannel("news").CompleteAsync();
        nodes.Log.Forget("news");

        await ShouldBeToldTheGapAsync(await nodes.AddAsync(), position, []);
        var ids = await nodes[0].GetChannel("news").SayManyAsync(10);

        await ShouldBeToldTheGapAsync(nodes[0], position, ids);
        await ShouldBeToldTheGapAsync(await nodes.AddAsync(), position, ids);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Dropped_UnderASubscriberThatGotNoHint_TheStreamEndsAndTheNextGetsTheGap(int count)
    {
        await using var nodes = await Nodes.StartAsync(2);
        using var stream = await nodes[0].OpenAsync("/news");
        var position = await stream.ReadPositionAsync();
        nodes.Log.IsMute = true;
        await nodes[1].GetChannel("news").SayManyAsync(5);
        nodes.Log.Forget("news");
        var ids = await nodes[1].GetChannel("news").SayManyAsync(count);

        nodes.Log.Poll();

        (await stream.ReadToEndAsync()).Should().MatchRegex(@"\Aretry: \d+\n\z");
        await ShouldBeToldTheGapAsync(nodes[0], position, ids);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("{origin}-1", "restarted")]
    [InlineData("{origin}-99999999999999", "restarted")]
    [InlineData("{tag}000000-0", "restarted")]
    public async Task Forged_PositionsOfTheOriginAndOfNoHistory_AreGaps(string forged, string reason)
    {
        await using var nodes = await Nodes.StartAsync(1);
        var origin = await SubscribeAndLeaveAsync(nodes[0]);
        var ids = await nodes[0].GetChannel("news").SayManyAsync(3);

        await ShouldBeToldTheGapAsync(nodes[0], forged.Replace("{origin}", origin[..9]).Replace("{tag}", origin[..3]), ids, reason);
    }

    [Fact(Timeout = 30_000)]
    public async Task Snapshot_AtAPositionOfTheHistoryThatBeganMeanwhile_IsTaken()
    {
        TestApp? app = null;
        await using var nodes = await Nodes.StartAsync(1, news => news.OnGap = async (_, token) =>
        {
            var at = await app!.GetChannel("news").PublishAsync("first", cancellationToken: token);
            await Soon.Until(() => app!.GetChannel("news").Newest == at);
            return new EventStreamSnapshot([new() { Data = "state" }], at);
        });
        app = nodes[0];

        await using var stream = await app.ListenAsync("/news", EventStreamPosition.NewEpoch("news") + "-7");

        (await stream.NextAsync()).Event.Should().Be("stream-gap");
        (await stream.NextAsync()).Data.Should().Be("state");
        var id = await app.GetChannel("news").SayAsync("second");
        (await stream.NextAsync()).Should().Be(Event(id, "second"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Gap_TheChannelIsCreatedBeforeTheGapIsWritten_HasThePositionsOfItsHistory()
    {
        await using var nodes = await Nodes.StartAsync(1);
        using var stream = await nodes[0].OpenAsync("/news");
        var origin = await stream.ReadPositionAsync();
        var channel = nodes[0].GetChannel("news");
        await using var reader = LoneHub.Open(null, "no position", channel);
        reader.Should().BeOfType<Subscriber>("it found its gap when it was opened");

        var id = await channel.SayAsync("first");
        await Soon.Until(() => channel.Newest.ToString() == id);

        (await reader.MoveNextAsync()).Should().BeTrue();
        var output = new ArrayBufferWriter<byte>();
        reader.WriteCurrent(output);
        var gap = ReferenceParser.Parse(output.WrittenSpan).Events[0];
        gap.Event.Should().Be("stream-gap");
        gap.Data.Should().Contain($"\"oldest\":\"{id}\",\"newest\":\"{id}\"").And.NotContain(origin[..9]);
    }

    private static async Task<string> SubscribeAndLeaveAsync(TestApp node)
    {
        using var stream = await node.OpenAsync("/news");
        return await stream.ReadPositionAsync();
    }

    private static async Task ShouldGetAllAsync(TestApp node, string position, string[] ids)
    {
        await using var stream = await node.ListenAsync("/news", position);
        (await stream.CollectAsync(ids.Length - 1)).Should().Equal(ids.Skip(1).Select((id, n) => Event(id, $"m{n + 1}")));
    }

    private static async Task ShouldBeToldTheGapAsync(TestApp node, string position, string[] ids, string reason = "restarted")
    {
        await using var stream = await node.ListenAsync("/news", position);
        var gap = await stream.NextAsync();
        gap.Event.Should().Be("stream-gap");
        gap.Data.Should().Contain($"\"reason\":\"{reason}\"");
        gap.LastEventId.Should().EndWith("-0").And.NotBe(position);
        (await stream.CollectAsync(Math.Max(0, ids.Length - 1))).Should().Equal(ids.Skip(1).Select((id, n) => Event(id, $"m{n + 1}")));
    }
}
