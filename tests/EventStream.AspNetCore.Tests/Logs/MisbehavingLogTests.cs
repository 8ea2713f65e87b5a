using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>A log that breaks its contract costs messages, which a gap announces, and never a thread or a loop of reads.</summary>
public sealed class MisbehavingLogTests
{
    [Fact(Timeout = 30_000)]
    public async Task Read_MessagesThatAreGoneWithoutATrace_AreAGapAndNotALoopOfReads()
    {
        await using var nodes = await Nodes.StartAsync(2);
        var first = await nodes[0].GetChannel("news").SayAsync("first");
        using var stream = await nodes[1].OpenAsync("/news", first);
        await stream.ReadPositionAsync();
        nodes.Log.IsMute = true;
        var ids = await nodes[0].GetChannel("news").SayManyAsync(3);

        nodes.Log.Empty("news");

        await stream.ShouldBringAsync($"id: {ids[3]}\n" + Gap("news", "slow", first, null, ids[3], 3));
        nodes.Log.IsMute = false;
        var next = await nodes[0].GetChannel("news").SayAsync("next");
        await stream.ShouldBringAsync(Frame(next, "next"));
        nodes.Log.Reads.Count.Should().BeLessThan(30);
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_MessagesThatAreGoneWithoutATrace_AreAGap()
    {
        await using var nodes = await Nodes.StartAsync(1, news => news.Capacity = 2);
        var ids = await nodes[0].GetChannel("news").SayManyAsync(5);
        nodes.Log.Empty("news");

        using var stream = await nodes[0].OpenAsync("/news", ids[1]);

        await stream.ShouldBringAsync($"id: {ids[5]}\n" + Gap("news", "evicted", ids[1], null, ids[5], 4));
    }

    [Fact(Timeout = 30_000)]
    public async Task Follow_HintsWithoutEndThatNeverWait_TheAppStartsAndStops()
    {
        await using var app = await Task.Run(
            () => ChannelApp.StartAsync(channels => channels.AddChannel("news").AddLog(_ => new Chatterer()))).OrFail();
        var id = await app.GetChannel("news").SayAsync("heard");

        using var stream = await app.OpenAsync("/news", id[..^1] + "0");
        await stream.ShouldBringAsync(Frame(id, "heard"));

        await app.App.StopAsync().OrFail();
    }

    /// <summary>A log whose hints never end and never wait, and that ignores the token which ends them.</summary>
    private sealed class Chatterer : IEventStreamLog
    {
        private readonly SharedLog _log = new();

        public ValueTask<IReadOnlyList<EventStreamPosition?>> AppendAsync(
            IReadOnlyList<EventStreamLogRecord> records, CancellationToken cancellationToken) =>
            _log.AppendAsync(records, cancellationToken);

        public ValueTask<IReadOnlyList<EventStreamLogPage>> ReadAsync(
            IReadOnlyList<EventStreamLogRequest> requests, CancellationToken cancellationToken) =>
            _log.ReadAsync(requests, cancellationToken);

        public async IAsyncEnumerable<EventStreamLogHint> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var started = TimeProvider.System.GetTimestamp();
            while (TimeProvider.System.GetElapsedTime(started) < 2 * Soon.Limit) yield return new("news", 1);
            await Task.CompletedTask;
        }
    }
}
