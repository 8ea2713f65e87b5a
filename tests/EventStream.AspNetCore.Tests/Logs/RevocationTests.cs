using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>A user is revoked on one node: what the other nodes do, and what the caller learns.</summary>
public sealed class RevocationTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_NodesThatRun_ReturnsWhenTheStreamsHaveEnded()
    {
        await using var nodes = await Nodes.StartAsync(3);
        using var here = await nodes[1].JoinAsAsync("ann", "/here");
        using var news = await nodes[2].JoinAsAsync("ann", "/news");

        // No clock moves, so no poll helps.
        var result = await nodes[0].Hub().DisconnectAsync("ann").OrFail();

        result.IsConfirmed.Should().BeTrue();
        await nodes[1].GetChannel("here").SayAsync("secret");
        await nodes[2].GetChannel("news").SayAsync("secret");
        (await here.ReadToEndAsync()).Should().MatchRegex(NamedUsers.NothingButTheEnd);
        (await news.ReadToEndAsync()).Should().MatchRegex(NamedUsers.NothingButTheEnd);
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_NodeThatHasNotReadIt_IsWaitedFor()
    {
        await using var nodes = await Nodes.StartAsync(2);
        var thaw = nodes.LinkOf(1).Freeze();
        var appends = nodes.Log.Appends.Count;

        var disconnecting = nodes[0].Hub().DisconnectAsync("ann");
        nodes[0].Time.Advance(4 * Second);
        await Soon.Until(() => nodes.Log.Appends.Count > appends && nodes.Log.IsHeard, "the log has the revocation");

        // A read of this node that began later, and time enough for what must not happen.
        await nodes[0].GetChannel("news").GetNewestAsync();
        for (var i = 0; i < 1000; i++) await Task.Yield();
        disconnecting.IsCompleted.Should().BeFalse();
        nodes.LinkOf(1).Mend();
        thaw();

        (await disconnecting.OrFail()).UnconfirmedNodes.Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(6)]
    [InlineData(60)]
    public async Task Disconnect_NodeThatIsFrozen_IsNamedAndDeliversNothingWhenItContinues(int seconds)
    {
        await using var nodes = await Nodes.StartAsync(3);
        using var ann = await nodes[1].JoinAsAsync("ann", "/here");
        using var both = await nodes[1].JoinAsAsync("ann", "/several?channel=news&channel=here");
        await using var bob = await nodes[1].ListenAsAsync("bob", "/here");
        await using var bobsNews = await nodes[1].ListenAsAsync("bob", "/news");
        await bob.NextPositionAsync();
        await bobsNews.NextPositionAsync();
        var thaw = nodes.LinkOf(1).Freeze();

        var disconnecting = nodes[0].Hub().DisconnectAsync("ann");
        await Soon.Until(() =>
        {
            nodes[0].Time.Advance(Second);
            return disconnecting.IsCompleted;
        });
        var result = await disconnecting;
        result.IsConfirmed.Should().BeFalse();
        result.UnconfirmedNodes.Should().ContainSingle().Which.Should().StartWith($"{Environment.MachineName}/{Environment.ProcessId}/");
        nodes[0].Log.AtLeast(LogLevel.Warning).Should().ContainSingle(entry => entry.Message.Contains(result.UnconfirmedNodes[0]));

        // Its clock has gone on without it, and what it does first is what it was about to do.
        nodes[1].Time.Advance(seconds * Second);
        await nodes[0].GetChannel("news").SayAsync("secret");
        await nodes[1].GetChannel("here").SayAsync("secret");
        nodes.LinkOf(1).Mend();
        thaw();

        (await ann.ReadToEndAsync()).Should().MatchRegex(NamedUsers.NothingButTheEnd);
        (await both.ReadToEndAsync()).Should().MatchRegex(NamedUsers.NothingButTheEnd);
        (await bob.NextAsync()).Data.Should().Be("secret", "nothing is lost to others");
        await nodes.AdvanceUntil(() => bobsNews.Body.Contains("secret", StringComparison.Ordinal), "the log is followed again");
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_NodeThatHasGone_IsNotWaitedFor()
    {
        await using var nodes = await Nodes.StartAsync(3);
        await nodes[1].App.StopAsync();
        nodes.LinkOf(2).Cut();

        for (var second = 0; second < 31; second++)
        {
            nodes[0].Time.Advance(Second);
            await Soon.Until(() => nodes[0].Lease().IsMember);
        }

        (await nodes[0].Hub().DisconnectAsync("ann").OrFail())
            .UnconfirmedNodes.Should().BeEmpty("one has said good-bye, the other was not heard for 30 seconds");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(20, 1)]
    [InlineData(40, 0)]
    public async Task Disconnect_ByANodeThatHasJustStarted_KnowsTheOthersFromTheLog(int seconds, int unconfirmed)
    {
        var logTime = new FakeTime();
        await using var nodes = await Nodes.StartAsync(1, logTime: new DayBehind(logTime));
        nodes.LinkOf(0).Cut();
        logTime.Advance(seconds * Second);
        var started = await nodes.AddAsync();

        var disconnecting = started.Hub().DisconnectAsync("ann");
        if (unconfirmed == 0) await disconnecting.OrFail();
        await Soon.Until(() =>
        {
            started.Time.Advance(Second);
            return disconnecting.IsCompleted;
        });

        (await disconnecting.OrFail()).UnconfirmedNodes.Should().HaveCount(unconfirmed);
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_NodeThatComesAfterwards_IsNotWaitedFor()
    {
        await using var nodes = await Nodes.StartAsync(2);
        var thaw = nodes.LinkOf(1).Freeze();
        var appends = nodes.Log.Appends.Count;
        var disconnecting = nodes[0].Hub().DisconnectAsync("ann");
        await Soon.Until(() => nodes.Log.Appends.Count > appends, "the log has the revocation");
        var never = new TaskCompletionSource();
        await nodes.AddAsync(link => link.Reading = _ => never.Task);
        await Soon.Until(() => nodes.Log.Appends.Count > appends + 1, "a node has announced itself, and has read nothing");

        nodes.LinkOf(1).Mend();
        thaw();

        (await disconnecting.OrFail()).UnconfirmedNodes.Should().BeEmpty();
        never.SetResult();
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_WhileANodeReadsTheHistory_EndsTheStreamsThatItHasAlready()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var go = new TaskCompletionSource();
        var appends = nodes.Log.Appends.Count;
        var started = await nodes.AddAsync(link => link.Reading = _ => go.Task);
        await Soon.Until(() => nodes.Log.Appends.Count > appends, "the node has announced itself");
        using var ann = await started.OpenAsAsync("ann", "/here");
        await using var bob = await started.ListenAsAsync("bob", "/here");

        var disconnecting = nodes[0].Hub().DisconnectAsync("ann");
        await Soon.Until(() => nodes.Log.Appends.Count > appends + 1, "the log has the revocation");
        await started.GetChannel("here").SayAsync("secret");
        go.SetResult();

        (await ann.ReadToEndAsync()).Should().MatchRegex(NamedUsers.NothingButTheEnd);
        (await bob.NextAsync()).Data.Should().Be("secret");
        (await disconnecting.OrFail()).UnconfirmedNodes.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_DroppedFromTheLogBeforeANodeHasReadItsHistory_EveryUserReconnects()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var go = new TaskCompletionSource();
        var appends = nodes.Log.Appends.Count;
        var started = await nodes.AddAsync(link => link.Reading = _ => go.Task);
        await Soon.Until(() => nodes.Log.Appends.Count > appends, "the node has announced itself");
        using var ann = await started.OpenAsAsync("ann", "/here");
        await using var nobody = await started.ListenAsync("/here");
        await nobody.NextPositionAsync();
        var disconnecting = nodes[0].Hub().DisconnectAsync("ann");
        await Soon.Until(() => nodes.Log.Appends.Count > appends + 1, "the log has the revocation");
        nodes.Log.Retain("$nodes", 0);

        await started.SayToNobodyAsync("here", "secret", nobody);
        go.SetResult();

        (await ann.ReadToEndAsync()).Should().MatchRegex(NamedUsers.NothingButTheEnd);
        await nodes.AdvanceUntil(() => disconnecting.IsCompleted, "the other node has answered, or the time is over");
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_HintsAreLost_NodesWithNamedUsersReadItAnyway()
    {
        await using var nodes = await Nodes.StartAsync(2);
        using var ann = await nodes[1].JoinAsAsync("ann", "/here");
        nodes.Log.IsMute = true;

        var disconnecting = nodes[0].Hub().DisconnectAsync("ann");

        // Small steps, and a read of each node after each: a clock that runs ahead of a node makes it one that does not answer.
        while (!disconnecting.IsCompleted)
        {
            nodes.Advance(0.1 * Second);
            await nodes[0].Hub().GetChannel("news").GetNewestAsync().AsTask().OrFail();
            await nodes[1].Hub().GetChannel("news").GetNewestAsync().AsTask().OrFail();
        }

        (await disconnecting).UnconfirmedNodes.Should().BeEmpty();
        (await ann.ReadToEndAsync()).Should().MatchRegex(NamedUsers.NothingButTheEnd);
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_AfterTheLogRestarted_WaitsForAsLongAsANodeMayNotHaveNoticed()
    {
        await using var nodes = await Nodes.StartAsync(2);
        using var ann = await nodes[1].JoinAsAsync("ann", "/here");

        nodes.Log.Restart("$nodes");
        await nodes.AdvanceUntil(() => nodes[1].GetChannel("here").SubscriberCount == 0, "the node has noticed");

        (await ann.ReadToEndAsync()).Should().MatchRegex(NamedUsers.NothingButTheEnd, "it is not known whether she was revoked");
        await nodes.AdvanceUntil(() => nodes[0].Lease().IsValid && nodes[1].Lease().IsValid, "both have announced themselves anew");
        await using var again = await nodes[1].ListenAsAsync("ann", "/here");
        await again.NextPositionAsync();
        await nodes[1].GetChannel("here").SayAsync("for ann");
        (await again.NextAsync()).Data.Should().Be("for ann");

        var disconnecting = nodes[0].Hub().DisconnectAsync("ann");
        await again.ExpectEndAsync();
        disconnecting.IsCompleted.Should().BeFalse("a third node may still hold the old history for the new one");
        await nodes.AdvanceUntil(() => disconnecting.IsCompleted, "the time is over");
    }

    [Fact(Timeout = 30_000)]
    public async Task Log_Restarts_NoClientIsToldThatItWasDisconnected()
    {
        await using Nodes nodes = new() { Streams = o => o.Protocol = NamedUsers.SaysWhy };
        await nodes.AddAsync();
        using var ann = await nodes[0].JoinAsAsync("ann", "/here");

        nodes.Log.Restart("$nodes");
        await nodes.AdvanceUntil(() => nodes[0].GetChannel("here").SubscriberCount == 0, "the node has noticed");

        (await ann.ReadToEndAsync()).Should().MatchRegex(NamedUsers.NothingButTheEnd);
        await Soon.Until(() => nodes[0].Log.Entries.Any(entry => entry.Message.EndsWith("ended: RevocationMissed.")));
    }

    [Fact(Timeout = 30_000)]
    public async Task Message_ThatNoNodeHasWritten_EveryUserReconnectsAndWhatFollowsIsDone()
    {
        await using var nodes = await Nodes.StartAsync(2);
        using var bob = await nodes[1].JoinAsAsync("bob", "/here");
        using var ann = await nodes[1].JoinAsAsync("ann", "/here");
        var go = new TaskCompletionSource();
        nodes.LinkOf(1).Reading = _ => go.Task;
        await nodes.Log.AppendAsync(
            [new() { Channel = "$nodes", Frame = "event: all-counts\ndata: nonsense\n\n"u8.ToArray(), Event = "all-counts" }],
            default);

        var disconnecting = nodes[0].Hub().DisconnectAsync("ann");
        go.SetResult();

        (await ann.ReadToEndAsync()).Should().MatchRegex(NamedUsers.NothingButTheEnd);
        (await bob.ReadToEndAsync()).Should().MatchRegex(NamedUsers.NothingButTheEnd);
        await nodes.AdvanceUntil(() => disconnecting.IsCompleted, "a node that it does not know had the time to answer");
        (await disconnecting).UnconfirmedNodes.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_NodeReadsItWhileItTellsSomethingElse_IsConfirmedAnyway()
    {
        await using var nodes = await Nodes.StartAsync(2);
        using var ann = await nodes[1].JoinAsAsync("ann", "/here");
        var (isTelling, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        nodes.LinkOf(1).Appending = _ =>
        {
            isTelling.TrySetResult();
            return go.Task;
        };
        await using var news = await nodes[1].ListenAsync("/news");
        await news.NextPositionAsync();
        nodes[1].Time.Advance(Second);
        await isTelling.Task.OrFail();
        var appends = nodes.Log.Appends.Count;

        var disconnecting = nodes[0].Hub().DisconnectAsync("ann");
        await Soon.Until(() => nodes.Log.Appends.Count > appends, "the log has the revocation");

        // A hint at a channel waits for what the node itself appends to it, and this one does not.
        nodes.Log.Poll();
        (await ann.ReadToEndAsync()).Should().MatchRegex(NamedUsers.NothingButTheEnd);
        await nodes[1].GetChannel("news").GetNewestAsync();
        go.SetResult();

        // No clock moves: neither of the other things that it tells, nor of its sign of life.
        (await disconnecting.OrFail()).UnconfirmedNodes.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_Cancelled_GivesUpWaiting()
    {
        await using var nodes = await Nodes.StartAsync(2);
        var thaw = nodes.LinkOf(1).Freeze();
        using var cancellation = new CancellationTokenSource();
        var appends = nodes.Log.Appends.Count;
        var disconnecting = nodes[0].Hub().DisconnectAsync("ann", cancellation.Token);
        await Soon.Until(() => nodes.Log.Appends.Count > appends, "the log has the revocation");

        await cancellation.CancelAsync();

        await disconnecting.Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>();
        thaw();
    }

    // The clock of a log whose times are in the past of every node.
    private sealed class DayBehind(TimeProvider time) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => time.GetUtcNow() - TimeSpan.FromDays(1);
    }
}
