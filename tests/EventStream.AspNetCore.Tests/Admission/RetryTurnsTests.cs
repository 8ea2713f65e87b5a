using EventStream.AspNetCore.Admission;

namespace EventStream.AspNetCore.Tests.Admission;

/// <summary>Refused clients return one after the other.</summary>
public sealed class RetryTurnsTests
{
    private readonly FakeTime _time = new();

    [Fact(Timeout = 30_000)]
    public void Take_OfManyAtOnce_IsOneAfterTheOther()
    {
        RetryTurns turns = new(_time, perSecond: 200);

        var waits = Enumerable.Range(0, 5000).Select(_ => turns.Take()).ToArray();

        waits[0].Should().Be(TimeSpan.Zero);
        waits.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        waits[^1].Should().BeCloseTo(TimeSpan.FromSeconds(25), TimeSpan.FromMilliseconds(100), "5000 clients at 200 a second need 25 s");
        turns.Window.Should().BeCloseTo(TimeSpan.FromSeconds(25), TimeSpan.FromMilliseconds(100));
    }

    [Fact(Timeout = 30_000)]
    public void Take_TimeHasPassed_WindowHasShrunk()
    {
        RetryTurns turns = new(_time, perSecond: 10);
        for (var i = 0; i < 100; i++) turns.Take();

        _time.Advance(TimeSpan.FromSeconds(4));
        turns.Take().Should().BeCloseTo(TimeSpan.FromSeconds(6), TimeSpan.FromMilliseconds(10));
        _time.Advance(TimeSpan.FromMinutes(1));

        turns.Take().Should().Be(TimeSpan.Zero);
    }

    [Fact(Timeout = 30_000)]
    public void Take_AllTurnsAreTaken_IsAnyTimeWithinTheLongest()
    {
        RetryTurns turns = new(_time, perSecond: 1);
        for (var i = 0; i < 300; i++) turns.Take();

        var waits = Enumerable.Range(0, 1000).Select(_ => turns.Take()).ToArray();

        waits.Should().OnlyContain(wait => wait >= TimeSpan.Zero && wait <= RetryTurns.Longest);
        waits.Count(wait => wait < RetryTurns.Longest / 2).Should().BeInRange(300, 700, "the waits are spread over the window");
        turns.Window.Should().Be(RetryTurns.Longest);
    }
}
