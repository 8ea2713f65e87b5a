using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>The app stops while a call of the log does not return, although its token is cancelled.</summary>
public sealed class StopTests
{
    [Fact(Timeout = 60_000)]
    public async Task Stop_WhileAReadNeverReturns_DoesNotWaitForItAndReportsIt()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await nodes[0].GetChannel("news").SayAsync("a");
        await using var stream = await nodes[0].ListenAsync("/news");
        await stream.NextPositionAsync();
        var underWay = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        nodes.Log.Answering = (_, _) =>
        {
            underWay.TrySetResult();
            return never.Task;
        };
        nodes.Log.Poll();
        await underWay.Task.OrFail();

        var stopping = nodes[0].App.StopAsync(CancellationToken.None);

        await nodes.AdvanceUntil(() => stopping.IsCompleted, "stopped");
        await stopping;
        nodes[0].Log.AtLeast(LogLevel.Warning).Should().ContainSingle(entry => entry.Message.Contains("were abandoned"));
        never.SetResult();
    }

    [Fact(Timeout = 60_000)]
    public async Task Stop_WhileACancellationTakesLong_DoesNotWaitForIt()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await nodes[0].GetChannel("news").SayAsync("a");
        await using var stream = await nodes[0].ListenAsync("/news");
        await stream.NextPositionAsync();
        var underWay = new TaskCompletionSource();
        using var block = new ManualResetEventSlim();
        nodes.Log.Answering = (_, token) =>
        {
            // As Npgsql does, which connects once more to cancel.
            token.Register(() => block.Wait(2 * Soon.Limit));
            underWay.TrySetResult();
            return Task.Delay(Timeout.Infinite, token);
        };
        nodes.Log.Poll();
        await underWay.Task.OrFail();

        var stopping = nodes[0].App.StopAsync(CancellationToken.None);

        await nodes.AdvanceUntil(() => stopping.IsCompleted, "stopped");
        block.IsSet.Should().BeFalse();
        block.Set();
    }
}
