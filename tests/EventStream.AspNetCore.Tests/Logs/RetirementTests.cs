using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Tests.Channels;
using EventStream.AspNetCore.Tests.Channels.Http;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>A channel of this node whose history is over in the log: nothing that is done meanwhile ends in it.</summary>
public sealed class RetirementTests
{
    [Fact(Timeout = 30_000)]
    public async Task Open_ChannelRetiredSinceItWasReady_WaitsUntilTheNextIsLoaded()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var id = await nodes[0].GetChannel("news").SayAsync("one");
        await using (var stream = await nodes[0].ListenAsync("/news")) await stream.NextPositionAsync();
        var opening = OpeningOf(nodes[0].GetChannel("news"), id);
        await using (var before = opening.TryOpen(since: null, hasCaughtUp: false)) before.Should().NotBeNull("it is ready");

        ((LogBacking)nodes[0].GetChannel("news").Backing).Retire();

        opening.TryOpen(since: null, hasCaughtUp: true).Should().BeNull("what the log has is not known");
        await opening.CatchUpAsync();
        await using var cursor = opening.TryOpen(since: null, hasCaughtUp: true);
        cursor!.LastId.Should().Be(id);
    }

    [Fact(Timeout = 30_000)]
    public async Task GetNewest_HistoryThatIsOver_IsOfTheNext()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var channel = nodes[0].GetChannel("news");
        await using (var stream = await nodes[0].ListenAsync("/news")) await stream.NextPositionAsync();
        var before = await channel.SayAsync("one");
        nodes.Log.Forget("news");

        var newest = await channel.GetNewestAsync();

        newest.Sequence.Should().Be(0);
        newest.ToString().Should().NotBe(before[..^1] + "0");
        await channel.SayAsync("two");
        await using var resumed = await nodes[0].ListenAsync("/news", newest.ToString());
        (await resumed.NextAsync()).Data.Should().Be("two");
    }

    [Fact(Timeout = 30_000)]
    public async Task Pattern_ChannelThatIsJustBeingDropped_IsLookedForInTheLog()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var id = await nodes[0].GetChannel("orders/1").SayAsync("one");
        ((LogBacking)nodes[0].GetChannel("orders/1").Backing).Retire();

        // A client without a position gets 404 when there is no channel.
        using var stream = await nodes[0].OpenAsync("/orders/1");

        (await stream.ReadPositionAsync()).Should().Be(id);
    }

    private static ChannelOpening OpeningOf(EventStreamChannel channel, string id) =>
        new(
            channel.Registry,
            [new(channel.Name, channel.Definition, null)],
            null,
            EventStreamProtocol.Default,
            StreamIdentity.OfLoop(user: null, channel.Name),
            id,
            CancellationToken.None);
}
