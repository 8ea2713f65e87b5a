using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Tests.Timing;

public sealed class ClockTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly FakeTime _time = new();
    private readonly Clock _clock;

    private readonly Counted _counted;

    public ClockTests()
    {
        _counted = new(_time);
        _clock = new Clock(_counted);
    }

    [Fact]
    public void Add_Entry_IsCalledAtTheNextTick()
    {
        var entry = new Recorded();

        _clock.Add(entry);
        entry.Calls.Should().BeEmpty();
        _time.Advance(Tick);

        entry.Calls.Should().Equal(2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(150)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(5000)]
    public void OnTick_NamesATick_IsCalledAtThatTickAndNotBefore(int ticks)
    {
        var entry = new Recorded { After = ticks };
        _clock.Add(entry);
        _time.Advance(Tick);

        _time.Advance(Tick * (ticks - 1));
        entry.Calls.Should().Equal(2);
        _time.Advance(Tick);

        entry.Calls.Should().Equal(2, 2 + ticks);
    }

    [Fact]
    public void Schedule_Sooner_IsCalledSoonerAndLaterIsNoChange()
    {
        var entry = new Recorded { After = 100 };
        _clock.Add(entry);
        _time.Advance(Tick);

        _clock.Schedule(entry, _clock.Now + 10);
        _clock.Schedule(entry, _clock.Now + 50);
        _time.Advance(Tick * 10);

        entry.Calls.Should().Equal(2, 12);
    }

    [Fact]
    public void Advance_ManyEntriesInOneSlot_EachIsCalledOnce()
    {
        var entries = Enumerable.Range(0, 1000).Select(number => new Recorded { After = 256 * (1 + (number % 3)) }).ToList();
        entries.ForEach(_clock.Add);

        _time.Advance(Tick * (1 + (256 * 3)));

        entries.Where((_, number) => number % 3 == 2).Should().OnlyContain(entry => entry.Calls.Count == 2);
        entries.Where((_, number) => number % 3 == 0).Should().OnlyContain(entry => entry.Calls.Count == 4);
    }

    [Fact]
    public void Remove_Entry_IsNotCalledAgainAndTheTimerRests()
    {
        var entry = new Recorded { After = 1 };
        _clock.Add(entry);
        _time.Advance(Tick);

        _clock.Remove(entry);
        _clock.Schedule(entry, _clock.Now + 1);
        _time.Advance(Tick * 10);
        var calls = _counted.TimerCalls;
        _time.Advance(Tick * 1000);

        entry.Calls.Should().ContainSingle();
        _counted.TimerCalls.Should().Be(calls, "no timer runs while there are no entries");
    }

    [Fact]
    public void Sleep_UntilAnEntryIsDue_TimerIsCalledOnceForEach()
    {
        var entries = new[] { 140, 150, 150, 200 }.Select(ticks => new Recorded { After = ticks }).ToList();
        entries.ForEach(_clock.Add);
        _time.Advance(Tick);
        var calls = _counted.TimerCalls;

        _time.Advance(Tick * 200);

        entries.ConvertAll(entry => entry.Calls[1]).Should().Equal(142, 152, 152, 202);
        (_counted.TimerCalls - calls).Should().Be(3, "entries of one tick are called together, and no other tick is counted");
    }

    [Fact]
    public void Sleep_LongerThanTheWheel_TimerIsCalledOnceARound()
    {
        _clock.Add(new Recorded { After = 256 * 10 });
        _time.Advance(Tick);
        var calls = _counted.TimerCalls;

        _time.Advance(Tick * 256 * 10);

        (_counted.TimerCalls - calls).Should().Be(10);
    }

    [Fact]
    public void Now_WhileAsleep_IsTheCurrentTickAndCountsOne()
    {
        _clock.Add(new Recorded { After = 200 });
        _time.Advance(Tick);
        var calls = _counted.TimerCalls;

        _time.Advance(Tick * 50);
        _clock.Now.Should().Be(52);
        _clock.Now.Should().Be(52);
        _time.Advance(Tick);
        _clock.Now.Should().Be(53);
        _time.Advance(Tick * 100);

        (_counted.TimerCalls - calls).Should().Be(2, "each read while asleep makes the clock count to the next tick");
        _clock.Now.Should().Be(153);
    }

    [Fact]
    public void Schedule_WhileAsleep_WakesTheClockSooner()
    {
        var entry = new Recorded { After = 200 };
        _clock.Add(entry);
        _time.Advance(Tick * 51);

        _clock.Schedule(entry, 62);
        _time.Advance(Tick * 10);

        entry.Calls.Should().Equal(2, 62);
    }

    [Theory]
    [InlineData(147, 14, 140)]
    [InlineData(140, 14, 140)]
    [InlineData(47, 4, 44)]
    [InlineData(9, 0, 9)]
    [InlineData(long.MaxValue, long.MaxValue / 10, long.MaxValue)]
    public void StepBefore_Tick_IsRoundedDownToAStepOfASecondAtMost(long tick, long most, long step) =>
        Clock.StepBefore(tick, most).Should().Be(step);

    [Fact]
    public void Add_AfterARest_ClockKnowsTheTime()
    {
        var first = new Recorded();
        _clock.Add(first);
        _clock.Remove(first);
        _time.Advance(Tick * 1000);

        var second = new Recorded();
        _clock.Add(second);

        _clock.Now.Should().Be(1001);
        _time.Advance(Tick);
        second.Calls.Should().Equal(1002);
    }

    [Fact]
    public void CallAll_Entries_AreCalledAtOnceAndThenWhenTheyAreDue()
    {
        var entry = new Recorded { After = 3 };
        _clock.Add(entry);
        _time.Advance(Tick);

        _clock.CallAll();
        _time.Advance(Tick * 4);

        entry.Calls.Should().Equal(2, 2, 5);
    }

    [Fact]
    public void CallAll_WhileAnEntryIsCalled_CallsItAgainAtTheNextTick()
    {
        var entry = new Recorded { After = 3, OnCall = call => { if (call == 1) _clock.CallAll(); } };
        _clock.Add(entry);

        _time.Advance(Tick * 5);

        entry.Calls.Should().Equal([2, 3, 6], "the first call may have missed the reason for CallAll");
    }

    private sealed class Recorded : ClockEntry
    {
        public long After { get; init; } = Never;

        public Action<int>? OnCall { get; init; }

        public List<long> Calls { get; } = [];

        internal override long OnTick(long now)
        {
            Calls.Add(now);
            OnCall?.Invoke(Calls.Count);
            return After == Never ? Never : now + After;
        }
    }

    /// <summary>A clock that counts how often its timers call.</summary>
    private sealed class Counted(FakeTime time) : TimeProvider
    {
        public int TimerCalls { get; private set; }

        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp() => time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            time.CreateTimer(
                given =>
                {
                    TimerCalls++;
                    callback(given);
                },
                state,
                dueTime,
                period);
    }
}
