using System.Collections.Concurrent;
using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>An append that takes long delays only the channels it contains.</summary>
public sealed class BlockedAppendTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(100);

    [Fact(Timeout = 30_000)]
    public async Task Publish_AppendOfAnotherChannelIsBlocked_IsPublished()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var gates = new Gates(nodes.Log);
        var first = await HoldUpAsync(nodes, gates, "orders/1");
        var second = nodes[0].GetChannel("orders/1").SayAsync("second");

        await nodes[0].GetChannel("news").SayManyAsync(5).OrFail();
        await nodes[0].GetChannel("orders/2").SayAsync("other").OrFail();

        (first.IsCompleted || second.IsCompleted).Should().BeFalse("they are of the channel that is held up");
        gates.Open("orders/1");
        (await first.OrFail()).Should().EndWith("-1");
        (await second.OrFail()).Should().EndWith("-2");
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_AppendOfAnotherChannelBecomesBlocked_IsPublishedThen()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var gates = new Gates(nodes.Log);
        gates.Close("orders/1");
        var held = nodes[0].GetChannel("orders/1").SayAsync("first");
        await Soon.Until(() => nodes.Log.Waiting == 1);
        var other = nodes[0].GetChannel("news").SayAsync("news");
        await MomentAsync();
        other.IsCompleted.Should().BeFalse("an append that takes as long as they do is waited for");

        await nodes.AdvanceUntil(() => other.IsCompleted, "published beside it");

        held.IsCompleted.Should().BeFalse();
        gates.Open("orders/1");
        await held.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_TwoAppendsAreBlocked_IsPublishedWhenOneReturns()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var gates = new Gates(nodes.Log);
        var first = await HoldUpAsync(nodes, gates, "orders/1");
        gates.Close("orders/2");
        var second = nodes[0].GetChannel("orders/2").SayAsync("held");
        await Soon.Until(() => nodes.Log.Waiting == 2, "it waits in the log");
        for (var i = 0; i < 100; i++)
        {
            // Its clock may begin a little later.
            nodes.Advance(Long);
            await Task.Yield();
        }

        var third = nodes[0].GetChannel("news").SayAsync("news");
        await MomentAsync();
        third.IsCompleted.Should().BeFalse("two at a time are the most");

        gates.Open("orders/1");
        await first.OrFail();
        await nodes.AdvanceUntil(() => third.IsCompleted, "published beside the other one");

        second.IsCompleted.Should().BeFalse();
        gates.Open("orders/2");
        await second.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_AfterABlockedAppend_AppendsTogetherAgain()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var gates = new Gates(nodes.Log);
        var first = await HoldUpAsync(nodes, gates, "orders/1");
        gates.Close("orders/2");
        var second = nodes[0].GetChannel("orders/2").SayAsync("under way");
        await Soon.Until(() => nodes.Log.Waiting == 2, "it waits in the log");
        var third = nodes[0].GetChannel("news").SayAsync("news");

        gates.Open("orders/1");
        await first.OrFail();
        await MomentAsync();
        third.IsCompleted.Should().BeFalse("one append at a time is enough again, and the second one is under way");

        gates.Open("orders/2");
        await Task.WhenAll(second, third).OrFail();
    }

    /// <summary>Publishes to a channel that is closed, and returns when the append is known to take long.</summary>
    private static async Task<Task<string>> HoldUpAsync(Nodes nodes, Gates gates, string channel)
    {
        gates.Close(channel);
        var held = nodes[0].GetChannel(channel).SayAsync("held");
        await Soon.Until(() => nodes.Log.Waiting == 1, "it waits in the log");
        var probe = nodes[0].GetChannel("orders/0").SayAsync("probe");
        await nodes.AdvanceUntil(() => probe.IsCompleted, "another append goes past it");
        return held;
    }

    /// <summary>Time enough for what must not happen.</summary>
    private static async Task MomentAsync()
    {
        for (var i = 0; i < 1000; i++) await Task.Yield();
    }

    /// <summary>Appends to a channel that is closed wait in the log.</summary>
    private sealed class Gates
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource> _closed = [];

        public Gates(SharedLog log) =>
            log.Gate = records => Task.WhenAll(
                _closed.Where(gate => records.Any(record => record.Channel == gate.Key)).Select(gate => gate.Value.Task));

        public void Close(string channel) => _closed[channel] = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Open(string channel) => _closed[channel].SetResult();
    }
}
