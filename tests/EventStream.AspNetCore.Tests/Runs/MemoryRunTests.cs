using EventStream.AspNetCore.Tests.Channels;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Runs;

/// <summary>Runs on channels in memory: their states, stop, restart, and what happens if no subscriber reads them.</summary>
[Collection(nameof(Alone))]
public sealed class MemoryRunTests : IDisposable
{
    private readonly LoneHub _hub = new();
    private readonly DrivenSource _source = new();

    private EventStreamHub Hub => _hub.Hub;

    public void Dispose() => _hub.Dispose();

    [Fact(Timeout = 30_000)]
    public async Task Run_NotStarted_DoesNothing()
    {
        var request = Hub.Run("answers", (_, stop) => _source.Messages(stop));

        Hub.TryGetChannel("answers", out _).Should().BeFalse();
        (await Hub.GetRunAsync("answers")).Should().BeNull();
        (await request.StartAsync()).IsNew.Should().BeTrue();
        (await request.StartAsync()).IsNew.Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_EachState_SaysSinceWhenAndWhere()
    {
        (await Hub.GetRunAsync("answers")).Should().BeNull();
        await StartAsync();
        var running = (await Hub.GetRunAsync("answers"))!;
        running.State.Should().Be(EventStreamRunState.Running);
        running.Since.Should().Be(_hub.Time.GetUtcNow());
        running.Node.Should().StartWith(Environment.MachineName);
        (await Hub.ListRunsAsync()).Should().ContainSingle();

        _hub.Time.Advance(TimeSpan.FromSeconds(7));
        _source.Finish();

        await UntilAsync(EventStreamRunState.Complete);
        (await Hub.GetRunAsync("answers"))!.Since.Should().Be(_hub.Time.GetUtcNow());
        (await Hub.ListRunsAsync()).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_FailedRun_IsFoundUntilItIsStartedAnew()
    {
        await StartAsync();

        _source.Throw(new InvalidTimeZoneException());

        await UntilAsync(EventStreamRunState.Failed);
        (await Hub.StopRunAsync("answers"))!.State.Should().Be(EventStreamRunState.Failed);
        _hub.Time.Advance(TimeSpan.FromSeconds(1));
        (await Hub.Run("answers", (_, stop) => Silent.Forever(stop)).StartAsync()).IsNew.Should().BeTrue();
        await UntilAsync(EventStreamRunState.Running);
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_NeverStarted_IsLogged()
    {
        Forget();

        await Soon.Until(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return _hub.Log.Entries.Any(entry => entry.Id == 58);
        });
        _hub.Log.Entries.Should().ContainSingle(entry => entry.Id == 58).Which.Message.Should().Contain("StartAsync");

        // In a method of its own, whose locals do not keep it.
        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        void Forget() => Hub.Run("answers", (_, _) => Texts.From(1, 1));
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_Started_IsNotLogged()
    {
        await StartAndForgetAsync();
        await UntilAsync(EventStreamRunState.Complete);

        GC.Collect();
        GC.WaitForPendingFinalizers();
        _hub.Log.Entries.Should().NotContain(entry => entry.Id == 58);

        Task StartAndForgetAsync() => Hub.Run("answers", (_, _) => Texts.From(1, 1)).StartAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_Running_CancelsTheProducerAndCompletesTheChannel()
    {
        await StartAsync();

        (await Hub.StopRunAsync("answers")).Should().NotBeNull();

        await _source.Cancelled.OrFail();
        await UntilAsync(EventStreamRunState.Stopped);
        await Soon.Until(() => _hub.GetChannel("answers").IsCompleted);
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_ByItsHandle_StopsTheRun()
    {
        var run = await StartAsync();

        (await run.StopAsync())!.Channel.Name.Should().Be("answers");

        await _source.Cancelled.OrFail();
        await UntilAsync(EventStreamRunState.Stopped);
        (await run.StopAsync())!.State.Should().Be(EventStreamRunState.Stopped);
    }

    [Fact(Timeout = 30_000)]
    public async Task Fails_ProducerHasToldItsReaders_LoopEndsAndTheNextCallStartsAnew()
    {
        var run = await Hub.Run(
            "answers", (_, stop) => _source.Messages(stop).WithLastMessage(_ => new() { Data = "failed" }, stop)).StartAsync();
        var reading = ReadAsync(run.Channel);

        _source.Throw(new InvalidTimeZoneException());

        (await reading.OrFail()).Should().Equal("failed");
        await UntilAsync(EventStreamRunState.Failed);
        _hub.Log.AtLeast(LogLevel.Warning).Should().ContainSingle();
        (await Hub.Run("answers", (_, _) => Texts.From(1, 1)).StartAsync()).IsNew.Should().BeTrue();

        static async Task<List<string>> ReadAsync(EventStreamChannel channel)
        {
            List<string> read = [];
            await foreach (var entry in channel.ReadAsync(subscription: null)) read.Add(entry.Data);
            return read;
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_UnknownChannel_IsRefusedAndAChannelWithoutARunHasNone()
    {
        using var strict = new LoneHub();
        (await strict.Hub.StopRunAsync("no-run")).Should().BeNull();
        await FluentActions.Awaiting(() => strict.Hub.StopRunAsync("no/such/channel")).Should().ThrowAsync<ArgumentException>();
        await FluentActions.Awaiting(() => strict.Hub.GetRunAsync("no/such/channel")).Should().ThrowAsync<ArgumentException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Restart_RunThatIsComplete_BeginsAnewUnlessAClientReconnects()
    {
        await Hub.Run("answers", (_, _) => Texts.From(1, 2)).StartAsync();
        await UntilAsync(EventStreamRunState.Complete);
        var before = _hub.GetChannel("answers").Newest!.Value;
        var again = Hub.Run("answers", (_, stop) => _source.Messages(stop), new() { Restart = true });

        (await again.StartAsync(mayRestart: false, CancellationToken.None)).IsNew.Should().BeFalse();
        (await again.StartAsync()).IsNew.Should().BeTrue();

        _hub.GetChannel("answers").Newest!.Value.Epoch.Should().NotBe(before.Epoch);
        (await again.StartAsync()).IsNew.Should().BeFalse("a run that is running is joined");
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_ChannelThatWasCompletedByHand_IsJoined()
    {
        await _hub.GetChannel("answers").PublishAsync("by hand");
        await _hub.GetChannel("answers").CompleteAsync();

        var run = await StartAsync();

        (run.IsNew, run.State).Should().Be((false, EventStreamRunState.Complete));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Complete_ByHandWhileItRuns_StopsTheProducerAndTheRunIsComplete(bool throws)
    {
        await StartAsync();
        _source.Send(new() { Data = "one" });
        await Soon.Until(() => _hub.GetChannel("answers").Count == 1);

        await _hub.GetChannel("answers").CompleteAsync();

        await _source.Cancelled.OrFail();
        if (throws) _source.Throw(new InvalidTimeZoneException());
        else _source.Send(new() { Data = "late" });
        _source.Finish();
        await _source.Ended.OrFail();
        var joined = await StartAsync();
        (joined.IsNew, joined.State, joined.Channel.Count).Should().Be((false, EventStreamRunState.Complete, 1));
        _hub.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_ByTheHandleOfAnEarlierRun_DoesNotStopItsSuccessor()
    {
        var first = await Hub.Run("answers", (_, _) => Texts.From(1, 1)).StartAsync();
        await UntilAsync(EventStreamRunState.Complete);
        await Hub.Run("answers", (_, stop) => _source.Messages(stop), new() { Restart = true }).StartAsync();

        (await first.StopAsync())!.State.Should().Be(EventStreamRunState.Complete);

        _source.Cancelled.IsCompleted.Should().BeFalse();
        (await Hub.GetRunAsync("answers"))!.State.Should().Be(EventStreamRunState.Running);
    }

    [Fact(Timeout = 30_000)]
    public async Task StopWhenUnread_NobodyReadsForThatLong_StopsIt()
    {
        await Hub.Run("answers", (_, stop) => _source.Messages(stop), new() { StopWhenUnread = TimeSpan.FromSeconds(5) }).StartAsync();
        await using (LoneHub.Open(null, null, _hub.GetChannel("answers")))
        {
            for (var second = 0; second < 10; second++) _hub.Time.Advance(TimeSpan.FromSeconds(1));
            _source.Send(new() { Data = "still there" });
            await Soon.Until(() => _hub.GetChannel("answers").Count == 1);
        }

        for (var second = 0; second < 4; second++) _hub.Time.Advance(TimeSpan.FromSeconds(1));
        _source.Cancelled.IsCompleted.Should().BeFalse();
        for (var second = 0; second < 2; second++) _hub.Time.Advance(TimeSpan.FromSeconds(1));

        await _source.Cancelled.OrFail();
        await UntilAsync(EventStreamRunState.Stopped);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(0.9)]
    [InlineData(86401)]
    public void StopWhenUnread_OutOfRange_IsRefused(double seconds) =>
        Hub.Invoking(hub => hub.Run("answers", (_, _) => Texts.From(1, 1), new() { StopWhenUnread = TimeSpan.FromSeconds(seconds) }))
            .Should().Throw<ArgumentException>().WithMessage("*StopWhenUnread*00:00:01*");

    [Fact(Timeout = 30_000)]
    public async Task OnError_Throws_IsAFaultAndBothAreLogged()
    {
        EventStreamRunOptions options = new() { OnError = _ => throw new InvalidOperationException("in OnError") };
        await Hub.Run("answers", (_, stop) => _source.Messages(stop), options).StartAsync();

        _source.Throw(new InvalidTimeZoneException());

        await UntilAsync(EventStreamRunState.Failed);
        _hub.Log.AtLeast(LogLevel.Error).Select(entry => entry.Exception!.GetType()).Should()
            .Equal(typeof(InvalidTimeZoneException), typeof(InvalidOperationException));
    }

    [Fact(Timeout = 30_000)]
    public async Task Context_ChannelWithMessages_SaysHowManyThereAre()
    {
        var last = await _hub.GetChannel("answers").PublishAsync("before");
        EventStreamRunContext? seen = null;

        await Hub.Run("answers", context =>
        {
            seen = context;
            return Texts.From(1, 1);
        }).StartAsync();

        await UntilAsync(EventStreamRunState.Complete);
        (seen!.Messages, seen.Last, seen.Channel.Name).Should().Be((1, last, "answers"));
    }

    private Task<EventStreamRun> StartAsync() => Hub.Run("answers", (_, stop) => _source.Messages(stop)).StartAsync();

    private Task UntilAsync(EventStreamRunState state) =>
        Soon.Until(() => Hub.GetRunAsync("answers").Result?.State == state, $"it is {state}");
}
