using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Logs;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Runs;

/// <summary>What becomes of a run when an append fails: its node finds out whether the log has it, and the run goes on.</summary>
public sealed class FailedAppendTests
{
    private const string Channel = "orders/1";

    private static readonly EventStreamLogException Unknown = new("the connection is lost") { IsOutcomeUnknown = true };

    private readonly FakeTime _logTime = new();
    private readonly DrivenSource _source = new();
    private readonly DrivenSource _second = new();

    [Theory(Timeout = 30_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Append_ItsAnswerIsLost_IsThereOnceAndTheRunCompletes(bool isStored)
    {
        await using var nodes = await StartAsync(1);
        FailNext(nodes, isStored);

        await CompleteAsync(nodes, "one", "two");

        nodes.Log.Read(Channel).Should().Equal("one", "two");
        FoundOut(nodes).Should().ContainSingle().Which.Should().Contain($"in the log: {isStored}");
    }

    [Fact(Timeout = 30_000)]
    public async Task Append_ArrivesAfterItWasAppendedAgain_IsRefused()
    {
        await using var nodes = await StartAsync(1);
        EventStreamLogRecord[] late = [];
        FailNext(nodes, isStored: false, records => late = [.. records]);
        await SendAsync(nodes, "one");

        (await nodes.Log.AppendAsync(late, CancellationToken.None)).Should().Equal([null]);

        await CompleteAsync(nodes, "two");
        nodes.Log.Read(Channel).Should().Equal("one", "two");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true, false, true)]
    [InlineData(false, false, true)]
    [InlineData(false, true, false)]
    public async Task Append_SeveralFailInARow_EachMessageIsThereOnce(params bool[] areStored)
    {
        await using var nodes = await StartAsync(1);
        FailNext(nodes, areStored);
        foreach (var text in (string[])["one", "two", "three", "four"])
        {
            _source.Send(new() { Data = text });
            await nodes.AdvanceUntil(
                TimeSpan.FromMilliseconds(250), () => nodes.Log.Read(Channel).Contains(text), "the append is tried again");
        }

        await CompleteAsync(nodes);

        nodes.Log.Read(Channel).Should().Equal("one", "two", "three", "four");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Append_FailsWhileOthersPublish_IsFoundAmongTheirMessagesOrAppended(bool isStored)
    {
        await using var nodes = await StartAsync(2);
        FailNext(nodes, isStored);
        nodes.LinkOf(0).AskingForRuns = method => method == nameof(IEventStreamRunLog.TakeOverRunAsync) ? PublishAsync("after") : Done;
        await PublishAsync("before");

        await CompleteAsync(nodes, "one", "two");

        nodes.Log.Read(Channel).Should().Equal(isStored ? ["before", "one", "after", "two"] : ["before", "after", "one", "two"]);

        Task PublishAsync(string text) => nodes[1].Hub().PublishAsync(Channel, new EventStreamMessage { Data = text }).AsTask();
    }

    [Fact(Timeout = 30_000)]
    public async Task Append_LogIsUnavailableForAMoment_RunGoesOn()
    {
        await using var nodes = await StartAsync(1);
        nodes.LinkOf(0).Cut();
        _source.Send(new() { Data = "one" });
        _source.Send(new() { Data = "two" });
        await Soon.Until(() => _source.Taken == 2);
        nodes.Advance(TimeSpan.FromSeconds(1));
        nodes.LinkOf(0).Mend();

        await nodes.AdvanceUntil(
            TimeSpan.FromMilliseconds(250), () => nodes.Log.Read(Channel).Length == 2, "the append is tried again");

        await CompleteAsync(nodes, "three");
        nodes.Log.Read(Channel).Should().Equal("one", "two", "three");
    }

    [Fact(Timeout = 30_000)]
    public async Task Append_LogIsUnavailableForLongerThanTheLease_RunFailsAsItsLeaseIsOver()
    {
        await using var nodes = await StartAsync(1);
        nodes.LinkOf(0).Cut();
        _source.Send(new() { Data = "one" });

        await nodes.AdvanceUntil(() => _source.Cancelled.IsCompleted, "its own clock says that the lease is over");

        await Soon.Until(() => nodes[0].Log.AtLeast(LogLevel.Warning).Any(entry => entry.Message.Contains("could not renew its lease")));
        nodes.LinkOf(0).Mend();
        await nodes.AdvanceUntil(() => StateOf(nodes) == EventStreamRunState.Failed, "its end is stored");
        nodes.Log.Read(Channel).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Append_LogIsUnavailableAfterTheProducersEnd_RunFailsWhenItsLeaseIsOver()
    {
        await using var nodes = await StartAsync(1);
        nodes.LinkOf(0).Cut();
        var started = nodes[0].Time.GetTimestamp();
        _source.Send(new() { Data = "one" });
        await Soon.Until(() => _source.Taken == 1);
        _source.Finish();

        await nodes.AdvanceUntil(
            TimeSpan.FromMilliseconds(250), () => nodes[0].Log.AtLeast(LogLevel.Error).Any(), "the failure of the run is logged");

        nodes[0].Time.GetElapsedTime(started).Should().BeLessThan(TimeSpan.FromSeconds(20));
        nodes.LinkOf(0).Mend();
        await nodes.AdvanceUntil(() => StateOf(nodes) == EventStreamRunState.Failed, "its end is stored");
    }

    [Fact(Timeout = 30_000)]
    public async Task Append_LogIsUnavailableForLongerThanTheLease_AnotherNodeTakesTheRunOver()
    {
        EventStreamRunOptions takesOver = new() { TakeOver = true };
        await using var nodes = await StartAsync(2, takesOver);
        await nodes[1].Hub().Run(Channel, (_, stop) => _second.Messages(stop), takesOver).StartAsync();
        nodes.LinkOf(0).Cut();
        _source.Send(new() { Data = "lost" });

        await nodes.AdvanceUntil(
            () =>
            {
                _logTime.Advance(TimeSpan.FromSeconds(1));
                return _source.Cancelled.IsCompleted;
            },
            "the lease is over");
        _second.Send(new() { Data = "one" });
        _second.Finish();
        await nodes.AdvanceUntil(() => StateOf(nodes) == EventStreamRunState.Complete, "the other node has taken the run over");

        nodes.Log.Read(Channel).Should().Equal("one");
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_RequestedBeforeTheRunIsClaimedAgain_StopsTheProducerAndKeepsTheMessage()
    {
        await using var nodes = await StartAsync(1);
        FailNext(nodes, isStored: false);
        nodes.LinkOf(0).AskingForRuns = method => method == nameof(IEventStreamRunLog.TakeOverRunAsync)
            ? nodes.Log.RequestStopAsync(Channel, null, CancellationToken.None).AsTask()
            : Done;

        // No clock moves, and no node sends a message about the stop.
        _source.Send(new() { Data = "one" });

        await _source.Cancelled.OrFail();
        await UntilAsync(nodes, EventStreamRunState.Stopped);
        nodes.Log.Read(Channel).Should().Equal("one");
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_OnAnotherNodeBeforeTheClaimIsAnswered_StopsTheProducerAtOnce()
    {
        await using var nodes = await StartAsync(2);
        FailNext(nodes, isStored: false);
        var (isClaimed, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        nodes.LinkOf(0).AnsweringTakeOver = () =>
        {
            isClaimed.TrySetResult();
            return answer.Task;
        };
        _source.Send(new() { Data = "one" });
        await isClaimed.Task.OrFail();

        await nodes[1].Hub().StopRunAsync(Channel);

        await _source.Cancelled.OrFail();
        answer.SetResult();
        await UntilAsync(nodes, EventStreamRunState.Stopped);
        nodes.Log.Read(Channel).Should().Equal("one");
    }

    [Fact(Timeout = 30_000)]
    public async Task Renewal_WithTheFormerTokenUnderWay_DoesNotStopTheRun()
    {
        await using var nodes = await StartAsync(1);
        var (isRenewing, renew) = (new TaskCompletionSource(), new TaskCompletionSource());
        nodes.LinkOf(0).AskingForRuns = method =>
        {
            if (method != nameof(IEventStreamRunLog.RenewRunsAsync)) return Done;
            isRenewing.TrySetResult();
            return renew.Task;
        };
        nodes.Advance(TimeSpan.FromSeconds(2));
        await isRenewing.Task.OrFail();
        FailNext(nodes, isStored: true);
        await SendAsync(nodes, "one");
        await Soon.Until(() => FoundOut(nodes).Length == 1);

        renew.SetResult();
        await Soon.Until(() => nodes.Log.Renewals == 1);
        await RunClock.AdvanceAsync(nodes, 3);

        _source.Cancelled.IsCompleted.Should().BeFalse();
        await CompleteAsync(nodes, "two");
        nodes.Log.Read(Channel).Should().Equal("one", "two");
    }

    [Fact(Timeout = 60_000)]
    public async Task Claim_ItsAnswersAreLost_RunKeepsItsLeaseAndFailsAfterAMinuteWithItsNewToken()
    {
        await using var nodes = await StartAsync(1);
        FailNext(nodes, isStored: true);
        nodes.LinkOf(0).AnsweringTakeOver = () => Task.FromException(Unknown);
        var started = nodes[0].Time.GetTimestamp();
        _source.Send(new() { Data = "one" });

        await RunClock.AdvanceUntil(nodes, () => _source.Cancelled.IsCompleted);

        nodes[0].Time.GetElapsedTime(started).Should().BeGreaterThanOrEqualTo(TimeSpan.FromMinutes(1));
        await UntilAsync(nodes, EventStreamRunState.Failed);
        nodes[0].Log.AtLeast(LogLevel.Information).Should().NotContain(entry => entry.Message.Contains("does not hold the run"));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Append_LogHasNotTheRecordsThatWouldTell_RunFails(bool isAnotherHistory)
    {
        await using var nodes = await StartAsync(1);
        FailNext(nodes, isStored: true);
        nodes.LinkOf(0).AskingForRuns = method =>
        {
            if (method != nameof(IEventStreamRunLog.TakeOverRunAsync)) return Done;
            if (isAnotherHistory) nodes.Log.Restart(Channel);
            else nodes.Log.Drop(Channel, through: 1);
            return Done;
        };

        _source.Send(new() { Data = "one" });

        await _source.Cancelled.OrFail();
        await UntilAsync(nodes, EventStreamRunState.Failed);
    }

    [Fact(Timeout = 30_000)]
    public async Task HostStops_WhileTheRunIsClaimedAgain_AnotherNodeContinuesWithWhatIsThere()
    {
        EventStreamRunOptions takesOver = new() { TakeOver = true };
        await using var nodes = await StartAsync(2, takesOver);
        await nodes[1].Hub().Run(Channel, (_, stop) => _second.Messages(stop), takesOver).StartAsync();
        FailNext(nodes, isStored: true);
        var (isClaimed, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        nodes.LinkOf(0).AnsweringTakeOver = () =>
        {
            isClaimed.TrySetResult();
            return answer.Task;
        };
        _source.Send(new() { Data = "one" });
        await isClaimed.Task.OrFail();

        var stopping = nodes[0].App.StopAsync();
        await _source.Cancelled.OrFail();
        answer.SetResult();

        // No clock moves.
        _second.Send(new() { Data = "two" });
        _second.Finish();
        await UntilAsync(nodes, EventStreamRunState.Complete);
        nodes.Log.Read(Channel).Should().Equal("one", "two");
        await stopping.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task HostStops_ClaimHoldsTheRunAfterItWasHandedOver_IsGivenUpAtOnce()
    {
        EventStreamRunOptions takesOver = new() { TakeOver = true };
        await using var nodes = await StartAsync(2, takesOver);
        await nodes[1].Hub().Run(Channel, (_, stop) => _second.Messages(stop), takesOver).StartAsync();
        FailNext(nodes, isStored: false);
        var (isClaiming, isGivenUp, isClaimed, isRefused) = (NewSignal(), NewSignal(), NewSignal(), NewSignal());
        nodes.LinkOf(0).AskingForRuns = method => method == nameof(IEventStreamRunLog.TakeOverRunAsync) ? ClaimAsync() : Done;
        nodes.LinkOf(0).AnsweringTakeOver = () =>
        {
            isClaimed.TrySetResult();
            return isRefused.Task;
        };
        nodes.LinkOf(1).AskingForRuns = method => method == nameof(IEventStreamRunLog.TakeOverRunAsync) ? TakeOverAsync() : Done;
        nodes.LinkOf(1).AnsweringTakeOver = () =>
        {
            isRefused.TrySetResult();
            return Done;
        };
        _source.Send(new() { Data = "one" });
        await isClaiming.Task.OrFail();

        var stopping = nodes[0].App.StopAsync();
        await nodes.AdvanceUntil(TimeSpan.FromMilliseconds(250), () => isClaimed.Task.IsCompleted, "the run is handed over");

        // No clock moves from here on.
        _second.Send(new() { Data = "two" });
        _second.Finish();
        await UntilAsync(nodes, EventStreamRunState.Complete);
        nodes.Log.Read(Channel).Should().EndWith("two");
        await stopping.OrFail();

        Task ClaimAsync()
        {
            isClaiming.TrySetResult();
            return isGivenUp.Task;
        }

        // The claim of the first node holds the run again, before this node's first one arrives.
        Task TakeOverAsync()
        {
            isGivenUp.TrySetResult();
            return isClaimed.Task;
        }

        static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [Fact(Timeout = 30_000)]
    public async Task HostStops_ClaimIsNotAnswered_EndIsStoredAtOnceWithItsToken()
    {
        await using var nodes = await StartAsync(1);
        FailNext(nodes, isStored: true);
        var (isClaimed, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        nodes.LinkOf(0).AnsweringTakeOver = () =>
        {
            isClaimed.TrySetResult();
            return answer.Task;
        };
        _source.Send(new() { Data = "one" });
        await isClaimed.Task.OrFail();

        // No clock moves.
        await nodes[0].App.StopAsync().OrFail();

        StateOf(nodes).Should().Be(EventStreamRunState.Failed);
        answer.SetResult();
    }

    private static Task Done => Task.CompletedTask;

    private static EventStreamRunState? StateOf(Nodes nodes) => nodes.Log.RunOf(Channel)?.State;

    private static Task UntilAsync(Nodes nodes, EventStreamRunState state) => Soon.Until(() => StateOf(nodes) == state, $"it is {state}");

    private static string[] FoundOut(Nodes nodes) =>
    [
        .. nodes[0].Log.AtLeast(LogLevel.Information).Select(entry => entry.Message)
            .Where(message => message.Contains("claimed the run again")),
    ];

    /// <summary>Loses the answer to the next append of the run, which the log has stored or will never get.</summary>
    private static void FailNext(Nodes nodes, bool isStored, Action<IReadOnlyList<EventStreamLogRecord>>? failed = null) =>
        FailNext(nodes, [isStored], failed);

    /// <summary>Loses the answers to the next appends of the run.</summary>
    private static void FailNext(Nodes nodes, bool[] areStored, Action<IReadOnlyList<EventStreamLogRecord>>? failed = null)
    {
        Queue<bool> next = new(areStored);
        nodes.LinkOf(0).Appending = records => FailAsync(records, isStored: false);
        nodes.LinkOf(0).AnsweringAppend = records => FailAsync(records, isStored: true);

        Task FailAsync(IReadOnlyList<EventStreamLogRecord> records, bool isStored)
        {
            if (records[0].RunToken is null || !next.TryPeek(out var stored) || stored != isStored) return Done;
            next.Dequeue();
            failed?.Invoke(records);
            return Task.FromException(Unknown);
        }
    }

    private async Task<Nodes> StartAsync(int count, EventStreamRunOptions? options = null)
    {
        var nodes = await Nodes.StartAsync(count, logTime: _logTime);
        await nodes[0].Hub().Run(Channel, (_, stop) => _source.Messages(stop), options).StartAsync();
        return nodes;
    }

    private async Task SendAsync(Nodes nodes, string text)
    {
        _source.Send(new() { Data = text });
        await Soon.Until(() => nodes.Log.Read(Channel).Contains(text));
    }

    /// <summary>Has the producer yield messages one after the other, and end.</summary>
    private async Task CompleteAsync(Nodes nodes, params string[] texts)
    {
        foreach (var text in texts) await SendAsync(nodes, text);
        _source.Finish();
        await UntilAsync(nodes, EventStreamRunState.Complete);
    }
}
