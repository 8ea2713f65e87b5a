using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>What nodes tell each other: how many subscribers they have, and whose streams are to end.</summary>
public sealed class PresenceAndDisconnectTests
{
    [Fact(Timeout = 30_000)]
    public async Task Count_OfAllNodes_ReachesEachOfThem()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await using var here = await nodes[0].ListenAsync("/news");
        await using var there = await nodes[1].ListenAsync("/news");
        await using (var other = await nodes[1].ListenAsync("/news"))
        {
            await other.NextPositionAsync();
            await nodes.AdvanceUntil(() => nodes[0].GetChannel("news").TotalSubscriberCount == 3, "the first node knows of three");
            await nodes.AdvanceUntil(() => nodes[1].GetChannel("news").TotalSubscriberCount == 3, "the second node knows of three");
            nodes[0].GetChannel("news").SubscriberCount.Should().Be(1);
        }

        await nodes.AdvanceUntil(() => nodes[0].GetChannel("news").TotalSubscriberCount == 2, "one has left");
    }

    [Fact(Timeout = 30_000)]
    public async Task Count_NodeThatComesLater_LearnsOfTheOthers()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await using var here = await nodes[0].ListenAsync("/news");
        await nodes.AdvanceUntil(() => nodes[0].GetChannel("news").SubscriberCount == 1, "joined");
        nodes.Advance(TimeSpan.FromSeconds(5));

        var later = await nodes.AddAsync();

        await nodes.AdvanceUntil(() => later.GetChannel("news").TotalSubscriberCount == 1, "the new node knows of one");
    }

    [Fact(Timeout = 30_000)]
    public async Task Count_NodeThatStops_IsNotCounted()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await using var there = await nodes[1].ListenAsync("/news");
        await nodes.AdvanceUntil(() => nodes[0].GetChannel("news").TotalSubscriberCount == 1, "heard of");

        await nodes[1].App.StopAsync();

        await nodes.AdvanceUntil(() => nodes[0].GetChannel("news").TotalSubscriberCount == 0, "said good-bye");
    }

    [Fact(Timeout = 30_000)]
    public async Task Count_NodeThatIsSilent_IsNotCountedAnyMore()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await using var there = await nodes[1].ListenAsync("/news");
        await nodes.AdvanceUntil(() => nodes[0].GetChannel("news").TotalSubscriberCount == 1, "heard of");

        // The clock of the other does not move, as if its machine were gone.
        nodes[0].Time.Advance(TimeSpan.FromSeconds(29));
        nodes[0].GetChannel("news").TotalSubscriberCount.Should().Be(1);
        nodes[0].Time.Advance(TimeSpan.FromSeconds(2));

        nodes[0].GetChannel("news").TotalSubscriberCount.Should().Be(0);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/news")]
    [InlineData("/several?channel=news&channel=orders/1")]
    public async Task Disconnect_AUser_EndsItsStreamsOnAllNodesAndNoOtherUsers(string path)
    {
        await using var nodes = await Nodes.StartAsync(2);
        await nodes[0].GetChannel("orders/1").SayAsync("exists");
        using var here = await nodes[0].OpenAsync(path, change: request => request.Headers.Add("X-User", "ann"));
        using var there = await nodes[1].OpenAsync(path, change: request => request.Headers.Add("X-User", "ann"));
        using var other = await nodes[1].OpenAsync("/news", change: request => request.Headers.Add("X-User", "bob"));
        await other.ReadPositionAsync();
        await nodes.AdvanceUntil(
            () => nodes[1].GetChannel("news").TotalSubscriberCount == 3, "all have joined, and the nodes hear each other");

        await nodes[0].Hub().DisconnectAsync("ann");

        (await here.ReadToEndAsync()).Should().MatchRegex(@"retry: \d+\n\z");
        (await there.ReadToEndAsync()).Should().MatchRegex(@"retry: \d+\n\z");
        var id = await nodes[0].GetChannel("news").SayAsync("still here");
        await other.ShouldBringAsync(Frame(id, "still here"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_BeforeANodeCame_IsNoneOfItsBusiness()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await nodes.AdvanceUntil(() => nodes.Log.Has("$nodes"), "the node has spoken");
        await nodes[0].Hub().DisconnectAsync("ann");
        var later = await nodes.AddAsync();
        using var stream = await later.OpenAsync("/news", change: request => request.Headers.Add("X-User", "ann"));
        await stream.ReadPositionAsync();
        nodes.Advance(TimeSpan.FromSeconds(3));

        var id = await nodes[0].GetChannel("news").SayAsync("still here");

        await stream.ShouldBringAsync(Frame(id, "still here"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_StreamThatStillWaitsForTheChannel_EndsItsStream()
    {
        await using var nodes = await Nodes.StartAsync(1);
        nodes.Log.Unavailable = new("unavailable") { IsTransient = true };
        using var stream = await nodes[0].OpenAsync("/news", change: request => request.Headers.Add("X-User", "ann"));

        await nodes[0].Hub().Invoking(hub => hub.DisconnectAsync("ann"))
            .Should().ThrowAsync<EventStreamLogException>("the other nodes were not told");

        (await stream.ReadToEndAsync()).Should().MatchRegex(@"\Aretry: \d+\n\z");
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_NewsThatANodeHasMissed_EveryStreamEnds()
    {
        await using var nodes = await Nodes.StartAsync(2);
        using var ann = await nodes[1].OpenAsync("/news", change: request => request.Headers.Add("X-User", "ann"));
        using var nobody = await nodes[1].OpenAsync("/news");
        await nobody.ReadPositionAsync();
        await nodes.AdvanceUntil(() => nodes[0].GetChannel("news").TotalSubscriberCount == 2, "the nodes hear each other");
        nodes.Log.IsMute = true;
        var appends = nodes.Log.Appends.Count;
        var disconnecting = nodes[0].Hub().DisconnectAsync("bob");
        await Soon.Until(() => nodes.Log.Appends.Count > appends, "the log has the revocation");
        nodes.Log.Retain("$nodes", 0);

        nodes.Log.Poll();

        (await ann.ReadToEndAsync()).Should().MatchRegex(@"retry: \d+\n\z");
        (await nobody.ReadToEndAsync()).Should().MatchRegex(@"retry: \d+\n\z", "it could be selected by its channel or connection");
        await nodes.AdvanceUntil(() => disconnecting.IsCompleted, "the other node has confirmed, or the time is over");
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_WithoutALog_EndsTheStreamsOfThisProcess()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news"), app => app.UseAuthentication(), services: HeaderAuthentication.AddTo);
        using var stream = await app.OpenAsync("/news", change: request => request.Headers.Add("X-User", "ann"));
        var position = await stream.ReadPositionAsync();

        await app.Hub().DisconnectAsync("ann");

        (await stream.ReadToEndAsync()).Should().MatchRegex(@"\Aretry: \d+\n\z");
        using var again = await app.OpenAsync("/news", position, request => request.Headers.Add("X-User", "ann"));
        again.Response.StatusCode.Should().Be(System.Net.HttpStatusCode.OK, "it is authorization's to say no");
    }
}
