using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>The log rejects reads of some channels: those wait, and the others cost it a few reads more, not one each.</summary>
public sealed class ReadIsolationTests
{
    [Fact(Timeout = 60_000)]
    public async Task RejectedToRead_WhatIsNewInOneOfManyChannels_CostsAFewReads()
    {
        const int Channels = 50;
        await using var nodes = await Nodes.StartAsync(2);
        var streams = new TestEventSource[Channels];
        for (var i = 0; i < Channels; i++) await nodes[0].GetChannel($"orders/{i}").SayAsync("placed");
        for (var i = 0; i < Channels; i++) await (streams[i] = await nodes[1].ListenAsync($"/orders/{i}")).NextPositionAsync();
        await using var news = await nodes[1].ListenAsync("/news");
        await news.NextPositionAsync();
        var (underWay, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        nodes.Log.Answering = (requests, _) =>
            requests.Any(request => request.Channel == "news") && underWay.TrySetResult() ? gate.Task : Task.CompletedTask;
        nodes.Log.RefusesToRead = request => request.Channel == "orders/13";

        // All come up while a read is under way, so they are read together.
        await nodes[0].GetChannel("news").SayAsync("first");
        await underWay.Task.OrFail();
        for (var i = 0; i < Channels; i++) await nodes[0].GetChannel($"orders/{i}").SayAsync("shipped");
        await Soon.Until(() => nodes.Log.IsHeard);
        var before = nodes.Log.Reads.Count;
        gate.SetResult();

        for (var i = 0; i < Channels; i++)
        {
            if (i != 13) (await streams[i].NextAsync()).Data.Should().Be("shipped");
        }

        (nodes.Log.Reads.Count - before + nodes.Log.Refusals).Should().BeLessThanOrEqualTo(BisectionTests.Most(Channels, 1) + 2);
        foreach (var stream in streams) await stream.DisposeAsync();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RejectedToRead_OneOfManyPages_CostsAFewReads(bool waitsForLog)
    {
        const int Pages = 16;
        var log = new SharedLog();
        var time = new FakeTime();
        var reads = new LogReads(log, time, CancellationToken.None);
        var gate = new TaskCompletionSource();
        log.Answering = (requests, _) => requests[0].Channel == "first" ? gate.Task : Task.CompletedTask;
        log.RefusesToRead = request => request.Channel == "orders/13";
        var underWay = reads.ReadAsync(new("first", 0, 1, 1), waitsForLog: true);
        await Soon.Until(() => log.Reads.Count == 1);

        var pages = Enumerable.Range(0, Pages).Select(i => reads.ReadAsync(new($"orders/{i}", 0, 1, 1), waitsForLog)).ToArray();
        gate.SetResult();
        await Task.WhenAll(pages.Where((_, i) => i != 13).Append(underWay)).OrFail();

        (log.Reads.Count - 1 + log.Refusals).Should().BeInRange(2, BisectionTests.Most(Pages, 1));
        var refused = pages[13].Invoking(page => page.OrFail());
        if (!waitsForLog) await refused.Should().ThrowAsync<EventStreamLogException>().WithMessage("*'orders/13'*");
        pages[13].IsCompleted.Should().Be(!waitsForLog);
        log.RefusesToRead = _ => false;
        if (waitsForLog) await time.AdvanceUntilAsync(pages[13], TimeSpan.FromSeconds(1));
        if (waitsForLog) (await pages[13].OrFail()).Origin.Should().HaveLength(9);
    }

    [Fact(Timeout = 60_000)]
    public async Task RejectsAllReads_OfManyChannels_IsOneReadAndOneWarning()
    {
        await using var nodes = await Nodes.StartAsync(1);
        for (var i = 0; i < 20; i++) await nodes[0].GetChannel($"orders/{i}").SayAsync("placed");
        var fresh = await nodes.AddAsync();
        var streams = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => fresh.ListenAsync($"/orders/{i}")));
        foreach (var stream in streams) await stream.NextPositionAsync();
        var reads = 0;
        nodes.Log.RefusesToRead = _ =>
        {
            Interlocked.Increment(ref reads);
            throw new EventStreamLogException("a right is missing") { RejectsAll = true };
        };

        nodes.Log.Poll();
        await Soon.Until(() => fresh.Log.AtLeast(LogLevel.Warning).Any());
        await MomentAsync();

        reads.Should().BeLessThanOrEqualTo(2 * 2, "each node reads a page of what is due, and perhaps its own channel before");
        nodes.Log.RefusesToRead = _ => false;
        var id = await nodes[0].GetChannel("orders/7").SayAsync("shipped");
        await nodes.AdvanceUntil(() => streams[7].Body.Contains("shipped", StringComparison.Ordinal), "it is read again");
        (await streams[7].NextAsync()).Should().Be(Event(id, "shipped"));
        foreach (var stream in streams) await stream.DisposeAsync();
    }

    /// <summary>Time enough for what must not happen.</summary>
    private static async Task MomentAsync()
    {
        for (var i = 0; i < 1000; i++) await Task.Yield();
    }
}
