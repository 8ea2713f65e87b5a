using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Logs;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Runs;

/// <summary>Runs on channels of a log: one node produces, and every node joins, reads and stops.</summary>
public sealed class RunsOnNodesTests
{
    private const string Channel = "orders/1";

    private readonly DrivenSource _source = new();

    [Fact(Timeout = 60_000)]
    public async Task Start_AtTheSameMomentOnThreeNodes_CallsOneProducerEachTime()
    {
        await using var nodes = await Nodes.StartAsync(3);
        var started = new int[1000];

        for (var n = 0; n < started.Length; n++)
        {
            var run = n;
            var starts = Enumerable.Range(0, 3).Select(node => Task.Run(() => nodes[node].Hub().Run($"orders/{run}", (_, _) =>
            {
                Interlocked.Increment(ref started[run]);
                return Texts.From(1, 1);
            }).StartAsync()));
            (await Task.WhenAll(starts).OrFail()).Count(each => each.IsNew).Should().Be(1);
        }

        await Soon.Until(() => Array.TrueForAll(started, count => count > 0));
        started.Should().OnlyContain(count => count == 1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Join_OnAnotherNode_ReadsFromTheBeginningAndResumesInTheMiddleOnAThird()
    {
        await using var nodes = await Nodes.StartAsync(3);
        var run = await StartAsync(nodes, 0);
        await using var first = await nodes[1].ListenAsync($"/{Channel}");
        _source.Send(new() { Data = "Once" });
        var once = await first.NextAsync();
        once.Data.Should().Be("Once");
        _source.Send(new() { Data = "upon" });
        _source.Finish();

        await using var third = await nodes[2].ListenAsync($"/{Channel}", once.LastEventId);

        (await first.CollectToEndAsync()).Select(message => message.Data).Should().Equal("upon", "end");
        (await third.CollectToEndAsync()).Select(message => message.Data).Should().Equal("upon", "end");
        run.IsNew.Should().BeTrue();
        var joined = await StartAsync(nodes, 1);
        joined.IsNew.Should().BeFalse();
        joined.State.Should().Be(EventStreamRunState.Complete);
        joined.Node.Should().Be(run.Node);
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_FromAnotherNode_CancelsTheProducerAtOnceAndEndsItsReaders()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await StartAsync(nodes, 0);
        await using var stream = await nodes[1].ListenAsync($"/{Channel}");
        _source.Send(new() { Data = "Once" });
        (await stream.NextAsync()).Data.Should().Be("Once");

        // No clock moves, so no renewal helps.
        (await nodes[1].Hub().StopRunAsync(Channel)).Should().NotBeNull();

        await _source.Cancelled.OrFail();
        (await stream.CollectToEndAsync()).Select(message => message.Data).Should().Equal("end");
        (await nodes[1].Hub().GetRunAsync(Channel))!.State.Should().Be(EventStreamRunState.Stopped);
        (await nodes[0].Hub().ListRunsAsync()).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_MessageIsLost_NextRenewalStopsTheProducer()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await StartAsync(nodes, 0);

        await nodes.Log.RequestStopAsync(Channel, null, CancellationToken.None);

        await RunClock.AdvanceUntil(nodes, () => _source.Cancelled.IsCompleted);

        await UntilAsync(nodes, EventStreamRunState.Stopped);
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_RunThatIsOver_StaysAsItIs()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await StartAsync(nodes, 0);
        _source.Finish();
        await UntilAsync(nodes, EventStreamRunState.Complete);

        (await nodes[1].Hub().StopRunAsync(Channel))!.State.Should().Be(EventStreamRunState.Complete);
    }

    [Fact(Timeout = 30_000)]
    public async Task StopAndGet_UnknownRun_ReturnNull()
    {
        await using var nodes = await Nodes.StartAsync(1);

        (await nodes[0].Hub().StopRunAsync("orders/unknown")).Should().BeNull();
        (await nodes[0].Hub().GetRunAsync("orders/unknown")).Should().BeNull();
        nodes.Log.Has("orders/unknown").Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task List_RunsOfAllNodes_WithTheirNodes()
    {
        await using var nodes = await Nodes.StartAsync(2);
        var first = await nodes[0].Hub().Run("orders/1", (_, stop) => Silent.Forever(stop)).StartAsync();
        var second = await nodes[1].Hub().Run("orders/2", (_, stop) => Silent.Forever(stop)).StartAsync();
        await nodes[1].Hub().Run("here", (_, stop) => Silent.Forever(stop)).StartAsync();
        var ofAnotherApp = await nodes.Log.ClaimRunAsync(
            new() { Channel = "elsewhere/1", Token = "a token", Node = "a node", Lease = TimeSpan.FromHours(1) }, CancellationToken.None);

        var runs = await nodes[1].Hub().ListRunsAsync();

        runs.Select(run => (run.Channel.Name, run.State)).Should().BeEquivalentTo(
        [
            ("orders/1", EventStreamRunState.Running), ("orders/2", EventStreamRunState.Running), ("here", EventStreamRunState.Running),
        ]);
        ofAnotherApp.State.Should().Be(EventStreamRunState.Running);
        first.Node.Should().NotBe(second.Node).And.NotBeEmpty();
        runs.Single(run => run.Channel.Name == "orders/1").Node.Should().Be(first.Node);
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_ProducerIgnoresItsToken_RunIsStoppedAndWhatItYieldsLaterIsDropped()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var (goOn, isOver) = (new TaskCompletionSource(), new TaskCompletionSource());
        await nodes[0].Hub().Run(Channel, (_, _) => Stubborn()).StartAsync();

        await nodes[0].Hub().StopRunAsync(Channel);

        await nodes.AdvanceUntil(() => StateOf(nodes) == EventStreamRunState.Stopped, "the producer's moment is over");
        goOn.SetResult();
        await isOver.Task.OrFail();
        (await ReadAsync(nodes)).Should().Equal("first");

        async IAsyncEnumerable<EventStreamMessage> Stubborn()
        {
            yield return new() { Data = "first" };
            await goOn.Task;
            try
            {
                yield return new() { Data = "late" };
            }
            finally
            {
                isOver.SetResult();
            }
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_ProducerYieldsALastMessage_IsPublished()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await nodes[0].Hub().Run(
            Channel, (_, stop) => Silent.Forever(stop).WithLastMessage(_ => new() { Data = "aborted" }, stop)).StartAsync();

        await nodes[0].Hub().StopRunAsync(Channel);

        await UntilAsync(nodes, EventStreamRunState.Stopped);
        (await ReadAsync(nodes)).Should().Equal("aborted");
    }

    [Fact(Timeout = 30_000)]
    public async Task Fails_ReadersOfEveryNodeGetAFaultOneTextNamesItAndTheNextCallStartsAnew()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await StartAsync(nodes, 0);
        await using var first = await nodes[0].ListenAsync($"/{Channel}");
        await using var second = await nodes[1].ListenAsync($"/{Channel}");
        _source.Send(new() { Data = "Once" });
        await first.NextAsync();
        await second.NextAsync();

        _source.Throw(new InvalidTimeZoneException("in the run"));

        await first.NextRetryAsync();
        await second.NextRetryAsync();
        await nodes[0].Time.AdvanceAsync(TimeSpan.FromSeconds(1));
        await first.ExpectCutAsync();
        await nodes[1].Time.AdvanceAsync(TimeSpan.FromSeconds(1));
        await second.ExpectCutAsync();
        ErrorsOf(nodes, 0).Should().ContainSingle().Which.Should().Contain(Channel);
        ErrorsOf(nodes, 1).Should().BeEmpty();
        (await nodes[1].Hub().Run(Channel, (_, _) => Texts.From(1, 1)).StartAsync()).IsNew.Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task OnError_LastMessage_EndsReadersOfEveryNodeCleanlyAndTheRunHasFailed()
    {
        await using var nodes = await Nodes.StartAsync(2);
        var calls = 0;
        EventStreamRunOptions options = new()
        {
            OnError = exception =>
            {
                Interlocked.Increment(ref calls);
                return EventStreamErrorAction.EndWith(new() { Event = "error", Data = exception.GetType().Name });
            },
        };
        await nodes[0].Hub().Run(Channel, (_, stop) => _source.Messages(stop), options).StartAsync();
        await using var first = await nodes[0].ListenAsync($"/{Channel}");
        await using var second = await nodes[1].ListenAsync($"/{Channel}");

        _source.Throw(new InvalidTimeZoneException());

        (await first.CollectToEndAsync()).Select(message => message.Data).Should().Equal("InvalidTimeZoneException", "end");
        (await second.CollectToEndAsync()).Select(message => message.Data).Should().Equal("InvalidTimeZoneException", "end");
        StateOf(nodes).Should().Be(EventStreamRunState.Failed);
        calls.Should().Be(1);
        ErrorsOf(nodes, 0).Should().ContainSingle();
    }

    [Fact(Timeout = 30_000)]
    public async Task Fails_ProducerHasToldItsReaders_StreamsOfEveryNodeEndCleanlyAndTheNextCallStartsAnew()
    {
        await using var nodes = await Nodes.StartAsync(2);
        EventStreamRunOptions options = new() { OnError = _ => EventStreamErrorAction.EndWith(new() { Data = "told twice" }) };
        await nodes[0].Hub().Run(
            Channel, (_, stop) => _source.Messages(stop).WithLastMessage(_ => new() { Data = "failed" }, stop), options).StartAsync();
        await using var first = await nodes[0].ListenAsync($"/{Channel}");
        await using var second = await nodes[1].ListenAsync($"/{Channel}");

        _source.Throw(new InvalidTimeZoneException());

        (await first.CollectToEndAsync()).Select(message => message.Data).Should().Equal("failed", "end");
        (await second.CollectToEndAsync()).Select(message => message.Data).Should().Equal("failed", "end");
        await using var late = await nodes[1].ListenAsync($"/{Channel}");
        (await late.CollectToEndAsync()).Select(message => message.Data).Should().Equal("failed", "end");
        StateOf(nodes).Should().Be(EventStreamRunState.Failed);
        ErrorsOf(nodes, 0).Should().ContainSingle();
        ErrorsOf(nodes, 1).Should().BeEmpty();
        (await nodes[1].Hub().Run(Channel, (_, _) => Texts.From(1, 1)).StartAsync()).IsNew.Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task OnError_LastMessage_HasNoMetadataThatAFilterSees()
    {
        await using var nodes = await Nodes.StartAsync(1);
        EventStreamRunOptions options = new() { OnError = _ => EventStreamErrorAction.EndWith(new() { Data = "failed" }) };
        await nodes[0].Hub().Run(Channel, (_, stop) => _source.Messages(stop), options).StartAsync();

        _source.Throw(new InvalidTimeZoneException());

        await UntilAsync(nodes, EventStreamRunState.Failed);
        List<EventStreamMetadata?> seen = [];
        await foreach (var entry in nodes[0].GetChannel(Channel).ReadAsync(subscription: null)) seen.Add(entry.Metadata);
        seen.Should().Equal([null]);
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_ByTheHandleOfAnotherNode_StopsTheRunAndReturnsItAsItIsThen()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await StartAsync(nodes, 0);
        var joined = await StartAsync(nodes, 1);

        (await joined.StopAsync())!.State.Should().Be(EventStreamRunState.Running);

        await _source.Cancelled.OrFail();
        await UntilAsync(nodes, EventStreamRunState.Stopped);
        (await joined.StopAsync())!.State.Should().Be(EventStreamRunState.Stopped);
        joined.State.Should().Be(EventStreamRunState.Running, "it is the state of the moment when the handle was made");
        nodes.LinkOf(1).Cut();
        await FluentActions.Awaiting(() => joined.StopAsync()).Should().ThrowAsync<EventStreamLogException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Restart_RunThatIsComplete_BeginsANewEpochAndIsReadFromItsFirstMessage()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await nodes[0].Hub().Run(Channel, (_, _) => Texts.From(1, 2)).StartAsync();
        await UntilAsync(nodes, EventStreamRunState.Complete);
        var before = await nodes[1].GetChannel(Channel).GetNewestAsync();

        var run = nodes[1].Hub().Run(Channel, (_, _) => Texts.From(7, 1), new() { Restart = true });
        (await run.StartAsync(mayRestart: false, CancellationToken.None)).IsNew.Should().BeFalse("a client reconnects");
        (await run.StartAsync()).IsNew.Should().BeTrue();

        await UntilAsync(nodes, EventStreamRunState.Complete);
        (await nodes[1].GetChannel(Channel).GetNewestAsync()).Epoch.Should().NotBe(before.Epoch);
        (await ReadAsync(nodes)).Should().Equal("7");
    }

    [Fact(Timeout = 30_000)]
    public async Task Restart_NodeStillHasTheEarlierHistory_StreamOfTheRunningRunHasTheNewOne()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await nodes[0].Hub().Run(Channel, (_, _) => Texts.From(1, 2)).StartAsync();
        await UntilAsync(nodes, EventStreamRunState.Complete);
        await using (var earlier = await nodes[1].ListenAsync($"/{Channel}")) await earlier.CollectToEndAsync();
        nodes.Log.IsMute = true;
        await nodes[0].Hub().Run(Channel, (_, stop) => _source.Messages(stop), new() { Restart = true }).StartAsync();
        _source.Send(new() { Data = "again" });
        await Soon.Until(() => nodes.Log.Read(Channel) is ["again"]);

        await using var stream = await nodes[1].ListenAsync("/running/1");

        (await stream.NextAsync()).Data.Should().Be("again");
    }

    [Fact(Timeout = 30_000)]
    public async Task Start_LogIsUnavailable_ThrowsAndStartsNothing()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var isCalled = false;
        nodes.LinkOf(0).Cut();
        var request = nodes[0].Hub().Run(Channel, (_, _) =>
        {
            isCalled = true;
            return Texts.From(1, 1);
        });

        await request.Awaiting(run => run.StartAsync()).Should().ThrowAsync<EventStreamLogException>();

        nodes.LinkOf(0).Mend();
        nodes.Log.Has(Channel).Should().BeFalse();
        (await nodes[0].Hub().ListRunsAsync()).Should().BeEmpty();
        isCalled.Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task End_LogIsUnavailable_IsStoredWhenItIsBack()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await StartAsync(nodes, 0);
        var tried = new TaskCompletionSource();
        nodes.LinkOf(0).AskingForRuns = method =>
        {
            if (method != "EndRunAsync") return Task.CompletedTask;
            tried.TrySetResult();
            return Task.FromException(new EventStreamLogException("the log is gone") { IsTransient = true });
        };

        _source.Finish();
        await tried.Task.OrFail();
        nodes.LinkOf(0).Mend();

        await nodes.AdvanceUntil(
            TimeSpan.FromMilliseconds(250), () => StateOf(nodes) == EventStreamRunState.Complete, "the end is tried again");
    }

    [Fact(Timeout = 30_000)]
    public async Task Complete_ByHandWhileItRuns_NextMessageStopsTheProducerAndTheRunIsComplete()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await StartAsync(nodes, 0);
        _source.Send(new() { Data = "one" });
        await Soon.Until(() => nodes.Log.Read(Channel).Length == 1);
        await nodes[1].GetChannel(Channel).CompleteAsync();

        _source.Send(new() { Data = "late" });

        // No clock moves, so the lease is not over.
        await _source.Cancelled.OrFail();
        await UntilAsync(nodes, EventStreamRunState.Complete);
        (await ReadAsync(nodes)).Should().Equal("one");
        nodes[0].Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Complete_ByHandWhileTheProducerIsSilent_NextRenewalStopsTheProducer()
    {
        await using var nodes = await Nodes.StartAsync(2);
        await StartAsync(nodes, 0);
        await nodes[1].GetChannel(Channel).CompleteAsync();
        (await nodes[1].Hub().GetRunAsync(Channel))!.State.Should().Be(EventStreamRunState.Complete);

        await nodes.AdvanceUntil(() => _source.Cancelled.IsCompleted, "the lease is renewed");

        nodes.Log.RunOf(Channel)!.State.Should().Be(EventStreamRunState.Complete);
        nodes[0].Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Complete_ByHandBeforeTheProducersEnd_RunIsCompleteAndJoined(bool throws)
    {
        await using var nodes = await Nodes.StartAsync(2);
        await StartAsync(nodes, 0);
        await nodes[1].GetChannel(Channel).CompleteAsync();

        if (throws) _source.Throw(new InvalidTimeZoneException());
        else await nodes[0].App.StopAsync().OrFail();

        await Soon.Until(() => nodes[0].Log.Entries.Any(entry => entry.Id == 51), "the end of the producer is noted");
        var joined = await StartAsync(nodes, 1);
        (joined.IsNew, joined.State).Should().Be((false, EventStreamRunState.Complete));
    }

    [Fact(Timeout = 30_000)]
    public async Task End_ItsOutcomeIsUnknown_IsStoredAgain()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await StartAsync(nodes, 0);
        var attempts = 0;
        nodes.LinkOf(0).AskingForRuns = method => method == nameof(IEventStreamRunLog.EndRunAsync) && attempts++ == 0
            ? Task.FromException(new EventStreamLogException("the connection is lost") { IsOutcomeUnknown = true })
            : Task.CompletedTask;

        _source.Finish();

        await nodes.AdvanceUntil(
            TimeSpan.FromMilliseconds(250), () => nodes.Log.RunOf(Channel)!.State == EventStreamRunState.Complete, "its end is stored");
        attempts.Should().Be(2);
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_ByTheHandleOfAnEarlierRun_DoesNotStopItsSuccessor()
    {
        await using var nodes = await Nodes.StartAsync(2);
        var first = await nodes[1].Hub().Run(Channel, (_, _) => Texts.From(1, 1)).StartAsync();
        await UntilAsync(nodes, EventStreamRunState.Complete);
        var second = await nodes[0].Hub().Run(Channel, (_, stop) => _source.Messages(stop), new() { Restart = true }).StartAsync();

        (await first.StopAsync()).Should().BeNull();

        nodes.Log.RunOf(Channel)!.IsStopRequested.Should().BeFalse();
        (await second.StopAsync()).Should().NotBeNull();
        await _source.Cancelled.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Append_Fails_RunFailsWithoutAHoleAndItsProducerIsStopped()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await StartAsync(nodes, 0);
        nodes.Log.Refuses = record => record.Frame.Span.IndexOf("bad"u8) >= 0;
        var gate = new TaskCompletionSource();
        nodes.Log.Gate = records => records[0].Channel == Channel ? gate.Task : Task.CompletedTask;
        _source.Send(new() { Data = "bad" });
        await Soon.Until(() => nodes.Log.Waiting > 0);
        _source.Send(new() { Data = "three" });
        await Soon.Until(() => _source.Taken == 2, "it is yielded while the append is running");
        gate.SetResult();

        await _source.Cancelled.OrFail();

        await UntilAsync(nodes, EventStreamRunState.Failed);
        ErrorsOf(nodes, 0).Should().ContainSingle();
        nodes.Log.Refuses = _ => false;
        nodes.Log.Read(Channel).Should().NotContain("three");
    }

    [Fact(Timeout = 30_000)]
    public async Task Yield_FasterThanTheLog_AppendsTogetherAndWaitsAtTheBound()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var gate = new TaskCompletionSource();
        var yielded = 0;
        nodes.Log.Gate = records => records[0].Channel == Channel ? gate.Task : Task.CompletedTask;
        await nodes[0].Hub().Run(Channel, (_, _) => Fast()).StartAsync();
        await Soon.Until(() => Volatile.Read(ref yielded) >= 256);

        nodes.Log.Appends.Clear();
        gate.SetResult();

        await UntilAsync(nodes, EventStreamRunState.Complete);
        nodes.Log.Read(Channel).Should().HaveCount(1000);
        nodes.Log.Appends.Max().Should().BeInRange(100, 256);

        async IAsyncEnumerable<EventStreamMessage> Fast()
        {
            for (var n = 0; n < 1000; n++)
            {
                if (!gate.Task.IsCompleted) Volatile.Read(ref yielded).Should().BeLessThan(600, "the producer must wait");
                Interlocked.Increment(ref yielded);
                yield return new() { Data = $"{n}" };
            }

            await Task.Yield();
        }
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StopWhenUnread_SubscriberOnAnotherNode_KeepsItRunningUntilItLeaves(bool isRead)
    {
        await using var nodes = await Nodes.StartAsync(2);
        await nodes[0].Hub().Run(
            Channel, (_, stop) => _source.Messages(stop), new() { StopWhenUnread = TimeSpan.FromSeconds(10) }).StartAsync();
        if (isRead)
        {
            await using var stream = await nodes[1].ListenAsync($"/{Channel}");
            await stream.NextPositionAsync();
            await RunClock.AdvanceUntil(nodes, () => nodes[0].Hub().Node!.Presence.CountElsewhere(Channel) == 1);
            await RunClock.AdvanceAsync(nodes, 20);
            _source.Cancelled.IsCompleted.Should().BeFalse();
        }

        await RunClock.AdvanceUntil(nodes, () => _source.Cancelled.IsCompleted);

        await UntilAsync(nodes, EventStreamRunState.Stopped);
    }

    private static string[] ErrorsOf(Nodes nodes, int node) =>
    [
        .. nodes[node].Log.AtLeast(LogLevel.Error).Where(entry => entry.Category == "EventStream.AspNetCore")
            .Select(entry => entry.Message),
    ];

    private static EventStreamRunState? StateOf(Nodes nodes) => nodes.Log.RunOf(Channel)?.State;

    private static Task UntilAsync(Nodes nodes, EventStreamRunState state) => Soon.Until(() => StateOf(nodes) == state, $"it is {state}");

    private static async Task<string[]> ReadAsync(Nodes nodes)
    {
        List<string> read = [];
        await foreach (var entry in nodes[0].GetChannel(Channel).ReadAsync(subscription: new() { Start = EventStreamStart.Oldest }))
        {
            read.Add(entry.Data);
        }

        return [.. read];
    }

    private Task<EventStreamRun> StartAsync(Nodes nodes, int node) =>
        nodes[node].Hub().Run(Channel, (_, stop) => _source.Messages(stop)).StartAsync();
}
