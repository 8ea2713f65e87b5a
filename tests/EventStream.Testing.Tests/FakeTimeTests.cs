namespace EventStream.Testing.Tests;

public sealed class FakeTimeTests
{
    private readonly FakeTime _time = new();

    [Fact(Timeout = 30_000)]
    public async Task AdvanceAsync_WorkThatContinuesAtEachMoment_IsDoneAtThatMoment()
    {
        var moments = new List<TimeSpan>();
        var working = WorkAsync();

        await _time.AdvanceAsync(TimeSpan.FromSeconds(10));

        moments.Should().Equal(Enumerable.Range(1, 10).Select(second => TimeSpan.FromSeconds(second)));
        await working.OrFail();

        async Task WorkAsync()
        {
            for (var i = 0; i < 10; i++)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), _time);

                // Through the thread pool, some way.
                for (var hop = 0; hop < 20; hop++) await Task.Run(() => Thread.SpinWait(1000));
                moments.Add(_time.Elapsed);
            }
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Advance_TimersOfOneMoment_EachAtItsTimeAndInOrder()
    {
        var fired = new List<(string, TimeSpan)>();
        using var second = _time.CreateTimer(
            _ => fired.Add(("second", _time.Elapsed)), null, TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
        using var every = _time.CreateTimer(
            _ => fired.Add(("every", _time.Elapsed)), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1.5));

        _time.Advance(TimeSpan.FromSeconds(3));

        fired.Should().Equal(("every", TimeSpan.FromSeconds(1)), ("second", TimeSpan.FromSeconds(2)), ("every", TimeSpan.FromSeconds(2.5)));
        _time.Elapsed.Should().Be(TimeSpan.FromSeconds(3));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Timer_FiresLikeARealOne_WithoutTheTestsContext(bool waits)
    {
        var local = new AsyncLocal<string> { Value = "of the timer" };
        (string?, SynchronizationContext?) seen = default;
        using var timer = _time.CreateTimer(
            _ => seen = (local.Value, SynchronizationContext.Current), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        local.Value = "of the test";
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());

        var advancing = waits ? _time.AdvanceAsync(TimeSpan.FromSeconds(1)) : Task.CompletedTask;
        if (!waits) _time.Advance(TimeSpan.FromSeconds(1));
        SynchronizationContext.SetSynchronizationContext(context);

        await advancing;
        seen.Should().Be(("of the timer", null));
    }

    [Fact(Timeout = 30_000)]
    public async Task AdvanceAsync_CallbackThrows_TheTestSeesIt()
    {
        using var timer = _time.CreateTimer(
            _ => throw new InvalidTimeZoneException(), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        await _time.Awaiting(time => time.AdvanceAsync(TimeSpan.FromSeconds(1))).Should().ThrowAsync<InvalidTimeZoneException>();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Advance_TimerThatSetsItselfAgainAtOnce_ThrowsAndReportsIt(bool waits)
    {
        ITimer? timer = null;
        timer = _time.CreateTimer(
            _ => timer!.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        var advancing = () => (waits
            ? _time.AdvanceAsync(TimeSpan.FromSeconds(2))
            : Task.Run(() => _time.Advance(TimeSpan.FromSeconds(2)))).OrFail();

        (await advancing.Should().ThrowAsync<InvalidOperationException>()).WithMessage(
            "The clock cannot advance from +00:00:01.000: timers with a due time of zero have fired 1000 times there.*");
    }

    [Fact(Timeout = 30_000)]
    public void Advance_ManyTimersOfOneMoment_AllFire()
    {
        var fired = 0;
        for (var i = 0; i < 1001; i++) _time.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        _time.Advance(TimeSpan.FromSeconds(1));

        fired.Should().Be(1001, "a time that was waited for is no sign of a loop");
    }

    [Fact(Timeout = 30_000)]
    public void Change_AfterDispose_IsRefusedAsByARealTimer()
    {
        var fired = 0;
        var timer = _time.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        timer.Dispose();

        var changed = timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        _time.Advance(TimeSpan.FromSeconds(1));

        changed.Should().BeFalse();
        fired.Should().Be(0);
    }

    [Fact(Timeout = 30_000)]
    public async Task Advance_InsideACallback_TheClockNeverGoesBack()
    {
        using var timer = _time.CreateTimer(
            _ => _time.Advance(TimeSpan.FromSeconds(10)), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        using var later = _time.CreateTimer(
            _ => _time.Advance(TimeSpan.FromSeconds(10)), null, TimeSpan.FromSeconds(20), Timeout.InfiniteTimeSpan);

        _time.Advance(TimeSpan.FromSeconds(2));
        _time.Elapsed.Should().Be(TimeSpan.FromSeconds(11));
        await _time.AdvanceAsync(TimeSpan.FromSeconds(9));
        _time.Elapsed.Should().Be(TimeSpan.FromSeconds(30));
    }

    [Fact(Timeout = 30_000)]
    public void LocalTimeZone_OnEveryMachine_Utc() => _time.LocalTimeZone.Should().BeSameAs(TimeZoneInfo.Utc);

    [Fact(Timeout = 30_000)]
    public async Task Advance_Backwards_IsRefused()
    {
        _time.Invoking(time => time.Advance(TimeSpan.FromTicks(-1))).Should().Throw<ArgumentOutOfRangeException>();
        await _time.Awaiting(time => time.AdvanceAsync(TimeSpan.FromTicks(-1))).Should().ThrowAsync<ArgumentOutOfRangeException>();
    }
}
