using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>The history of a run in the log, as the nodes read it.</summary>
public sealed class RunHistoryTests
{
    [Fact(Timeout = 30_000)]
    public async Task Run_SubscribersWithoutAPosition_BeginWithItsFirstMessageOnEveryNode()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await ClaimAsync(nodes, "news");
        var ids = await nodes[0].GetChannel("news").SayManyAsync(2);

        for (var node = 0; node < 2; node++)
        {
            await using var stream = await nodes[node].ListenAsync("/news");
            (await stream.CollectAsync(2)).Should().Equal(Event(ids[1], "m1"), Event(ids[2], "m2"));
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_Fails_SubscribersGetWhatIsThereAndAFaultOnEveryNode()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await ClaimAsync(nodes, "news");
        await using var early = await nodes[1].ListenAsync("/news");
        await early.NextPositionAsync();
        var ids = await nodes[0].GetChannel("news").SayManyAsync(2);

        await nodes.Log.EndRunAsync("news", "token of news", EventStreamRunState.Failed, false, CancellationToken.None);

        (await early.CollectAsync(2)).Should().Equal(Event(ids[1], "m1"), Event(ids[2], "m2"));
        await early.NextRetryAsync();
        await nodes[1].Time.AdvanceAsync(TimeSpan.FromSeconds(1));
        await early.ExpectCutAsync();
        await using var late = await nodes[0].ListenAsync("/news");
        (await late.CollectAsync(2)).Should().Equal(Event(ids[1], "m1"), Event(ids[2], "m2"));
        await late.NextRetryAsync();
        await nodes[0].Time.AdvanceAsync(TimeSpan.FromSeconds(1));
        await late.ExpectCutAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_Fails_LoopInTheProcessThrowsAfterWhatIsThere()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await ClaimAsync(nodes, "news");
        await nodes[0].GetChannel("news").SayAsync("one");
        await nodes.Log.EndRunAsync("news", "token of news", EventStreamRunState.Failed, false, CancellationToken.None);

        List<string> read = [];
        var reading = async () =>
        {
            await foreach (var entry in nodes[0].GetChannel("news").ReadAsync(subscription: null)) read.Add(entry.Data);
        };

        await reading.Should().ThrowAsync<EventStreamRunFailedException>().WithMessage("*'news'*");
        read.Should().Equal("one");
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_FailsBesideAnotherChannel_StreamEndsWithAFault()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await ClaimAsync(nodes, "news");
        var id = await nodes[0].GetChannel("news").SayAsync("one");
        await using var stream = await nodes[0].ListenAsync("/several?channel=news&channel=here");
        (await stream.NextAsync()).Data.Should().Be("one");

        await nodes.Log.EndRunAsync("news", "token of news", EventStreamRunState.Failed, false, CancellationToken.None);

        await stream.NextRetryAsync();
        await nodes[0].Time.AdvanceAsync(TimeSpan.FromSeconds(1));
        await stream.ExpectCutAsync();
        stream.LastEventId.Should().StartWith(id);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(EventStreamRunState.Complete)]
    [InlineData(EventStreamRunState.Stopped)]
    public async Task Run_Ends_SubscribersOfAnotherNodeGetTheEnd(EventStreamRunState state)
    {
        await using var nodes = await Nodes.StartAsync(2);
        await ClaimAsync(nodes, "news");
        var id = await nodes[0].GetChannel("news").SayAsync("one");
        await using var stream = await nodes[1].ListenAsync("/news");
        (await stream.NextAsync()).Should().Be(Event(id, "one"));

        await nodes.Log.EndRunAsync("news", "token of news", state, false, CancellationToken.None);

        (await stream.CollectToEndAsync()).Should().Equal(EndEvent(id));
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_RestartedBeforeAClientHasReadAll_ClientIsToldOfTheLoss()
    {
        await using var nodes = await Nodes.StartAsync(2);
        var first = await RunAsync(nodes, "one", "two");
        await using (var reading = await nodes[1].ListenAsync("/news")) await reading.CollectToEndAsync();
        await ClaimAsync(nodes, "news", restarts: true);
        var second = await nodes[0].GetChannel("news").SayAsync("three");

        await using var stream = await nodes[1].ListenAsync("/news", first[0]);

        (await stream.NextAsync()).Data.Should().Contain("\"reason\":\"restarted\"").And.Contain($"\"requested\":\"{first[0]}\"");
        (await stream.NextAsync()).Should().Be(Event(second, "three"));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_RestartedAfterAClientHasReadAll_ClientGetsTheNewRunWithoutAGap(bool hasSaid)
    {
        await using var nodes = await Nodes.StartAsync(2);
        var first = await RunAsync(nodes, "one");
        await using (var reading = await nodes[1].ListenAsync("/news")) await reading.CollectToEndAsync();
        using (var read = await nodes[1].OpenAsync("/news", first[0] + ".end"))
        {
            read.Response.StatusCode.Should().Be(System.Net.HttpStatusCode.NoContent);
        }

        await ClaimAsync(nodes, "news", restarts: true);
        await Soon.Until(() => nodes.Log.IsHeard);
        if (hasSaid) await nodes[0].GetChannel("news").SayAsync("two");
        await Soon.Until(() => nodes[1].Hub().Registry.Find("news") is null, "the node knows that the history is another");

        await using var stream = await nodes[1].ListenAsync("/news", first[0] + ".end");
        await stream.NextPositionAsync();
        if (!hasSaid) await nodes[0].GetChannel("news").SayAsync("two");

        (await stream.NextAsync()).Data.Should().Be("two");
    }

    /// <summary>Runs to the end, and returns the ids.</summary>
    private static async Task<string[]> RunAsync(Nodes nodes, params string[] texts)
    {
        await ClaimAsync(nodes, "news");
        var ids = new string[texts.Length];
        for (var i = 0; i < texts.Length; i++) ids[i] = await nodes[0].GetChannel("news").SayAsync(texts[i]);
        await nodes.Log.EndRunAsync("news", "token of news", EventStreamRunState.Complete, false, CancellationToken.None);
        return ids;
    }

    private static async Task ClaimAsync(Nodes nodes, string channel, bool restarts = false) => await nodes.Log.ClaimRunAsync(
        new()
        {
            Channel = channel,
            Token = restarts ? $"next token of {channel}" : $"token of {channel}",
            Node = "a node",
            Lease = TimeSpan.FromHours(1),
            Restarts = restarts,
        },
        CancellationToken.None);
}
