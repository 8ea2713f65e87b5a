using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Logs;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Runs;

/// <summary>What becomes of a run whose node dies, cannot reach the log, or stops.</summary>
public sealed class TakeOverTests
{
    private const string Channel = "orders/1";
    private static readonly EventStreamRunOptions TakesOver = new() { TakeOver = true };

    private readonly FakeTime _logTime = new();
    private readonly DrivenSource _first = new();
    private readonly DrivenSource _second = new();
    private EventStreamRunContext? _continued;

    [Fact(Timeout = 30_000)]
    public async Task OwnerDies_RunFailsAndItsReadersGetAFault()
    {
        await using var nodes = await Nodes.StartAsync(2, logTime: _logTime);
        await StartFirstAsync(nodes, options: null);
        await using var stream = await nodes[1].ListenAsync($"/{Channel}");
        _first.Send(new() { Data = "one" });
        (await stream.NextAsync()).Data.Should().Be("one");
        nodes.LinkOf(0).Freeze();

        await AdvanceUntil(nodes, () => nodes.Log.RunOf(Channel)!.State == EventStreamRunState.Failed);

        await stream.NextRetryAsync();
        await nodes[1].Time.AdvanceAsync(TimeSpan.FromSeconds(1));
        await stream.ExpectCutAsync();
        await _first.Cancelled.OrFail();
        nodes[1].Log.AtLeast(LogLevel.Warning).Should().ContainSingle(entry => entry.Message.Contains("not renewed its lease"));
    }

    [Fact(Timeout = 30_000)]
    public async Task OwnerIsSlow_AnotherNodeTakesOverWithWhatIsThereAndTheLateAppendIsRefused()
    {
        await using var nodes = await Nodes.StartAsync(2, logTime: _logTime);
        await StartFirstAsync(nodes, TakesOver);
        await JoinAsync(nodes, 1);
        _first.Send(new() { Data = "one" });
        _first.Send(new() { Data = "two" });
        await Soon.Until(() => nodes.Log.Read(Channel).Length == 2);
        var thaw = nodes.LinkOf(0).Freeze();
        _first.Send(new() { Data = "late" });

        await AdvanceUntil(nodes, () => _continued is not null);

        (_continued!.Messages, _continued.Last!.Value.Sequence).Should().Be((2, 2));
        await _first.Cancelled.OrFail();
        thaw();
        nodes.LinkOf(0).Mend();
        _second.Send(new() { Data = "three" });
        _second.Finish();
        await Soon.Until(() => nodes.Log.RunOf(Channel)!.State == EventStreamRunState.Complete);
        nodes.Log.Read(Channel).Should().Equal("one", "two", "three");
    }

    [Fact(Timeout = 30_000)]
    public async Task OwnerDies_RunIsEndedJustBeforeTheTakeover_BeginsNoOther()
    {
        await using var nodes = await StartJoinedAsync();
        nodes.LinkOf(0).Freeze();
        var (isEnded, isOver) = (false, new TaskCompletionSource());
        nodes.LinkOf(1).AskingForRuns = async method =>
        {
            // A node calls it after its takeovers.
            if (method == nameof(IEventStreamRunLog.EndAbandonedRunsAsync) && isEnded) isOver.TrySetResult();
            if (method is not (nameof(IEventStreamRunLog.ClaimRunAsync) or nameof(IEventStreamRunLog.TakeOverRunAsync))) return;
            await nodes.Log.EndAbandonedRunsAsync(TimeSpan.Zero, CancellationToken.None);
            isEnded = true;
        };

        await AdvanceUntil(nodes, () => isOver.Task.IsCompleted);

        nodes.Log.RunOf(Channel)!.State.Should().Be(EventStreamRunState.Failed);
        nodes.Log.Read(Channel).Should().Equal("one");
        _continued.Should().BeNull();
    }

    [Fact(Timeout = 30_000)]
    public async Task OwnerDies_ChannelWasCompletedByHand_StandbyCallsNoProducerAndTheRunIsComplete()
    {
        await using var nodes = await StartJoinedAsync();
        nodes.LinkOf(0).Freeze();
        await nodes[1].GetChannel(Channel).CompleteAsync();

        await AdvanceUntil(nodes, () => nodes.Log.RunOf(Channel)!.State != EventStreamRunState.Running || _continued is not null);

        _continued.Should().BeNull();
        nodes.Log.RunOf(Channel)!.State.Should().Be(EventStreamRunState.Complete);
    }

    [Fact(Timeout = 30_000)]
    public async Task OwnerDies_ChannelWasCompletedByHandAndNoNodeTakesOver_RunIsCompleteAndJoined()
    {
        await using var nodes = await Nodes.StartAsync(2, logTime: _logTime);
        await StartFirstAsync(nodes, options: null);
        nodes.LinkOf(0).Freeze();
        await nodes[1].GetChannel(Channel).CompleteAsync();

        await AdvanceUntil(nodes, () => _first.Cancelled.IsCompleted);

        nodes.Log.RunOf(Channel)!.State.Should().Be(EventStreamRunState.Complete);
        await JoinAsync(nodes, 1);
    }

    [Fact(Timeout = 30_000)]
    public async Task OwnerDies_LogAnswersNoRead_AnotherNodeCallsItsProducerWithItsClaim()
    {
        await using var nodes = await Nodes.StartAsync(2, logTime: _logTime);
        await StartFirstAsync(nodes, TakesOver);
        await JoinAsync(nodes, 1);
        nodes.LinkOf(0).Freeze();
        nodes.LinkOf(1).Reading = _ => new TaskCompletionSource().Task;
        var answered = new TaskCompletionSource();
        nodes.LinkOf(1).AnsweringTakeOver = () =>
        {
            answered.TrySetResult();
            return Task.CompletedTask;
        };

        await AdvanceUntil(nodes, () => answered.Task.IsCompleted);

        // No clock moves.
        await Soon.Until(() => _continued is not null);
    }

    [Fact(Timeout = 30_000)]
    public async Task HostStops_AnotherNodeTakesOverAtOnce()
    {
        await using var nodes = await StartJoinedAsync();

        // No clock moves.
        await nodes[0].App.StopAsync().OrFail();

        await Soon.Until(() => _continued is not null);
        _continued!.Messages.Should().Be(1);
        await _first.Cancelled.OrFail();
        nodes.Log.RunOf(Channel)!.State.Should().Be(EventStreamRunState.Running);
    }

    [Fact(Timeout = 30_000)]
    public async Task HostStops_RunWithoutTakeOver_HasFailed()
    {
        await using var nodes = await Nodes.StartAsync(1, logTime: _logTime);
        await StartFirstAsync(nodes, options: null);

        await nodes[0].App.StopAsync().OrFail();

        nodes.Log.RunOf(Channel)!.State.Should().Be(EventStreamRunState.Failed);
        await _first.Cancelled.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Renewal_LogIsUnavailable_ProducerIsStoppedBeforeTheLeaseIsOver()
    {
        await using var nodes = await Nodes.StartAsync(1, logTime: _logTime);
        await StartFirstAsync(nodes, options: null);
        var started = nodes[0].Time.GetTimestamp();
        nodes.LinkOf(0).Cut();

        await nodes.AdvanceUntil(() => _first.Cancelled.IsCompleted, "its own clock says that the lease is over");

        nodes[0].Time.GetElapsedTime(started).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(5));
        await Soon.Until(() => nodes[0].Log.AtLeast(LogLevel.Warning).Any(entry => entry.Message.Contains("could not renew its lease")));
        nodes.LinkOf(0).Mend();
        await AdvanceUntil(nodes, () => nodes.Log.RunOf(Channel)!.State == EventStreamRunState.Failed);
    }

    [Fact(Timeout = 30_000)]
    public async Task Renewal_EveryTwoSeconds_KeepsTheRun()
    {
        await using var nodes = await Nodes.StartAsync(2, logTime: _logTime);
        await StartFirstAsync(nodes, options: null);
        nodes.LinkOf(1).AskingForRuns = _ => Task.FromException(new EventStreamLogException("not here") { IsTransient = true });

        for (var step = 0; step < 20; step++)
        {
            await RunClock.AdvanceAsync(nodes, 3);
            _logTime.Advance(TimeSpan.FromSeconds(3));
        }

        nodes.Log.RunOf(Channel)!.State.Should().Be(EventStreamRunState.Running);
        _first.Cancelled.IsCompleted.Should().BeFalse();
    }

    /// <summary>Starts two nodes: the first runs, and has appended "one"; the second has joined, and may take over.</summary>
    private async Task<Nodes> StartJoinedAsync()
    {
        var nodes = await Nodes.StartAsync(2, logTime: _logTime);
        await StartFirstAsync(nodes, TakesOver);
        await JoinAsync(nodes, 1);
        _first.Send(new() { Data = "one" });
        await Soon.Until(() => nodes.Log.Read(Channel).Length == 1);
        return nodes;
    }

    private Task<EventStreamRun> StartFirstAsync(Nodes nodes, EventStreamRunOptions? options) =>
        nodes[0].Hub().Run(Channel, (_, stop) => _first.Messages(stop), options).StartAsync();

    private async Task JoinAsync(Nodes nodes, int node)
    {
        var request = nodes[node].Hub().Run(
            Channel,
            context =>
            {
                _continued = context;
                return _second.Messages(context.Stop);
            },
            TakesOver);
        (await request.StartAsync()).IsNew.Should().BeFalse();
    }

    /// <summary>Moves the clocks of the nodes and of the log, in steps in which a node can renew its leases.</summary>
    private Task AdvanceUntil(Nodes nodes, Func<bool> condition) => nodes.AdvanceUntil(
        () =>
        {
            if (condition()) return true;
            _logTime.Advance(TimeSpan.FromSeconds(1));
            return false;
        },
        "the lease is over");
}
