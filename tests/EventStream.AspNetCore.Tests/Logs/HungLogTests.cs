using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>A log whose calls do not return, and ignore their tokens: callers stop waiting all the same.</summary>
public sealed class HungLogTests
{
    // Small beside the limits in which something has to come, because the clock does not wait for it.
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly TaskCompletionSource _never = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact(Timeout = 30_000)]
    public async Task Publish_CancelledOnItsWay_EndsAMomentLaterAndTellsThatItMayBePublished()
    {
        await using var nodes = await Nodes.StartAsync(1);
        using var cancellation = new CancellationTokenSource();
        HangAppendsTo(nodes, "news");
        var publishing = nodes[0].GetChannel("news").PublishAsync("a", cancellationToken: cancellation.Token).AsTask();
        await Soon.Until(() => nodes.Log.Waiting == 1);

        await cancellation.CancelAsync();
        publishing.IsCompleted.Should().BeFalse("a log that is quick tells what became of it");
        await nodes.AdvanceUntil(() => publishing.IsCompleted, "given up");

        var thrown = await publishing.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        thrown.Which.CancellationToken.Should().Be(cancellation.Token);
        thrown.Which.InnerException.Should().BeOfType<EventStreamLogException>().Which.IsOutcomeUnknown.Should().BeTrue();
        await ShouldHavePublishedAsync(nodes, "a", "next");
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_CancelledOnItsWayAndAnsweredWithinTheMoment_IsPublished()
    {
        await using var nodes = await Nodes.StartAsync(1);
        using var cancellation = new CancellationTokenSource();
        HangAppendsTo(nodes, "news");
        var publishing = nodes[0].GetChannel("news").PublishAsync("a", cancellationToken: cancellation.Token).AsTask();
        await Soon.Until(() => nodes.Log.Waiting == 1);

        await cancellation.CancelAsync();
        _never.SetResult();

        (await publishing.OrFail()).Sequence.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_PublishWaitIsOver_EachReportsWhetherItMayBePublished()
    {
        await using var nodes = await Nodes.StartAsync(1, options: options => options.PublishWait = TimeSpan.FromSeconds(5));
        HangAppendsTo(nodes, "news");
        var first = nodes[0].GetChannel("news").SayAsync("a");
        await Soon.Until(() => nodes.Log.Waiting == 1);
        var second = nodes[0].GetChannel("news").SayAsync("b");

        nodes.Advance(TimeSpan.FromSeconds(5));
        await nodes.AdvanceUntil(Step, () => first.IsCompleted && second.IsCompleted, "given up");

        (await first.Awaiting(task => task).Should().ThrowAsync<EventStreamLogException>()).Which.IsOutcomeUnknown.Should().BeTrue();
        (await second.Awaiting(task => task).Should().ThrowAsync<EventStreamLogException>()).Which.IsOutcomeUnknown.Should().BeFalse();
        nodes[0].Time.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(60), "the call of the log may last longer than the publish");
        await ShouldHavePublishedAsync(nodes, "a", "next");
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_WithoutALimit_CallIsAbandonedAfterAMinuteAndTheNextIsPublished()
    {
        await using var nodes = await Nodes.StartAsync(1);
        HangAppendsTo(nodes, "news");
        var first = nodes[0].GetChannel("news").SayAsync("a");
        await Soon.Until(() => nodes.Log.Waiting == 1);
        var second = nodes[0].GetChannel("news").SayAsync("b");
        nodes.Log.Gate = _ => Task.CompletedTask;

        nodes.Advance(TimeSpan.FromSeconds(59));
        first.IsCompleted.Should().BeFalse();
        await nodes.AdvanceUntil(Step, () => first.IsCompleted && second.IsCompleted, "given up, and published");

        (await first.Awaiting(task => task).Should().ThrowAsync<EventStreamLogException>()).Which.IsOutcomeUnknown.Should().BeTrue();
        (await second).Should().EndWith("-1");
        ShouldHaveAbandonedOne(nodes[0].Log, "AppendAsync");
        _never.SetResult();
        await Soon.Until(() => nodes.Log.Waiting == 0);
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_RequestsPublish_DoesNotWaitForTheLog()
    {
        await using var nodes = await Nodes.StartAsync(1, options: options => options.PublishWait = TimeSpan.FromHours(1));
        HangAppendsTo(nodes, "news");
        var publishing = nodes[0].GetChannel("news").SayAsync("on its way");
        await Soon.Until(() => nodes.Log.Waiting == 1);
        var waiting = nodes[0].GetChannel("news").SayAsync("behind it");
        var before = nodes[0].Time.Elapsed;

        var stopping = nodes[0].App.StopAsync(CancellationToken.None);
        await nodes.AdvanceUntil(
            Step, () => publishing.IsCompleted && waiting.IsCompleted && stopping.IsCompleted, "given up, and stopped");

        (nodes[0].Time.Elapsed - before).Should().BeLessThan(TimeSpan.FromSeconds(30));
        await publishing.Awaiting(task => task).Should().ThrowAsync<EventStreamLogException>();
        await waiting.Awaiting(task => task).Should().ThrowAsync<EventStreamLogException>();
        _never.SetResult();
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_LogIsQuick_WhatIsPublishedMeanwhileIsThere()
    {
        await using var nodes = await Nodes.StartAsync(2);
        nodes[0].App.Lifetime.StopApplication();

        (await nodes[0].GetChannel("news").SayAsync("goodbye").OrFail()).Should().EndWith("-1");
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_NeverReturns_IsAbandonedAfterAMinuteAndTriedAgain()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await using var stream = await nodes[1].ListenAsync("/news");
        await stream.NextPositionAsync();
        var underWay = new TaskCompletionSource();
        nodes.Log.Answering = (requests, _) =>
        {
            if (!requests.Any(request => request.Channel == "news") || !underWay.TrySetResult()) return Task.CompletedTask;
            return _never.Task;
        };
        var id = await nodes[0].GetChannel("news").SayAsync("a");
        await underWay.Task.OrFail();

        await nodes.AdvanceUntil(() => stream.Body.Contains("data: a", StringComparison.Ordinal), "read again");

        (await stream.NextAsync()).Should().Be(Event(id, "a"));
        ShouldHaveAbandonedOne(nodes[1].Log, "ReadAsync");
        _never.SetResult();
    }

    [Fact(Timeout = 30_000)]
    public async Task GetNewestAsync_ReadNeverReturns_EndsWithTheHost()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var underWay = new TaskCompletionSource();
        nodes.Log.Answering = (_, _) =>
        {
            underWay.TrySetResult();
            return _never.Task;
        };
        var newest = nodes[0].GetChannel("news").GetNewestAsync().AsTask();
        await underWay.Task.OrFail();

        nodes[0].App.Lifetime.StopApplication();

        await newest.OrFail().Awaiting(task => task).Should().ThrowAsync<EventStreamLogException>();
        _never.SetResult();
    }

    [Fact(Timeout = 30_000)]
    public async Task Disconnect_AppendNeverReturns_EndsAfterDisconnectTimeout()
    {
        await using var nodes = await Nodes.StartAsync(1);
        HangAppendsTo(nodes, "$nodes");
        var disconnecting = nodes[0].Hub().DisconnectAsync("bob");
        await Soon.Until(() => nodes.Log.Waiting == 1);

        nodes.Advance(TimeSpan.FromSeconds(4));
        disconnecting.IsCompleted.Should().BeFalse();
        await nodes.AdvanceUntil(Step, () => disconnecting.IsCompleted, "given up");

        (await disconnecting.Awaiting(task => task).Should().ThrowAsync<EventStreamLogException>())
            .Which.IsOutcomeUnknown.Should().BeTrue();
        nodes[0].Time.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(30));
        _never.SetResult();
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_HintsNeverEnd_DoesNotWaitForThemAndReportsIt()
    {
        var silent = new SilentLog(_never.Task);
        await using var app = await ChannelApp.StartAsync(channels => channels.AddChannel("news").AddLog(_ => silent));
        await silent.IsFollowed.OrFail();

        var stopping = app.App.StopAsync(CancellationToken.None);
        await app.AdvanceUntilAsync(stopping, TimeSpan.FromSeconds(1));

        ShouldHaveAbandonedOne(app.Log, "FollowAsync");
        _never.SetResult();
    }

    // Not of other calls: the clock does not wait for them, so that one may take too long on a slow machine.
    private static void ShouldHaveAbandonedOne(LogRecorder log, string call) => log.AtLeast(LogLevel.Warning).Should()
        .ContainSingle(entry => entry.Id == 23 && entry.Message.Contains($"calls of {call}", StringComparison.Ordinal));

    private void HangAppendsTo(Nodes nodes, string channel) =>
        nodes.Log.Gate = records => records.Any(record => record.Channel == channel) ? _never.Task : Task.CompletedTask;

    /// <summary>Lets the log go on, publishes one more, and looks what is there.</summary>
    private async Task ShouldHavePublishedAsync(Nodes nodes, params string[] texts)
    {
        _never.SetResult();
        await Soon.Until(() => nodes.Log.Waiting == 0);
        await nodes[0].GetChannel("news").SayAsync(texts[^1]);
        var newest = await nodes[0].GetChannel("news").GetNewestAsync();
        newest.Sequence.Should().Be(texts.Length);
        await using var stream = await nodes[0].ListenAsync("/news", $"{newest.ToString()[..10]}0");
        (await stream.CollectAsync(texts.Length)).Select(message => message.Data).Should().Equal(texts);
    }

    /// <summary>A log that never gives a hint, and takes no notice of the token that ends them.</summary>
    private sealed class SilentLog(Task never) : IEventStreamLog
    {
        private readonly SharedLog _log = new();
        private readonly TaskCompletionSource _isFollowed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task IsFollowed => _isFollowed.Task;

        public ValueTask<IReadOnlyList<EventStreamPosition?>> AppendAsync(
            IReadOnlyList<EventStreamLogRecord> records, CancellationToken cancellationToken) =>
            _log.AppendAsync(records, cancellationToken);

        public ValueTask<IReadOnlyList<EventStreamLogPage>> ReadAsync(
            IReadOnlyList<EventStreamLogRequest> requests, CancellationToken cancellationToken) =>
            _log.ReadAsync(requests, cancellationToken);

        public async IAsyncEnumerable<EventStreamLogHint> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            _isFollowed.TrySetResult();
            await never;
            yield break;
        }
    }
}
