using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Tests.Timing;

public sealed class ClockTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly FakeTime _time = new();
    private readonly Clock _clock;

    public ClockTests() => _clock = new Clock(_time);

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
        var now = _clock.Now;
        _time.Advance(Tick * 100);

        entry.Calls.Should().ContainSingle();
        _clock.Now.Should().Be(now, "no timer runs while there are no entries");
    }

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
}
