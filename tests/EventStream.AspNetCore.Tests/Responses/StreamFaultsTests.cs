using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Tests.Responses;

public sealed class StreamFaultsTests
{
    private static readonly Endpoint Endpoint = new(requestDelegate: null, metadata: null, displayName: "answers");
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    [Fact]
    public void Failed_OneFaultOfManyStreams_CountsOnce()
    {
        var faults = new StreamFaults(new FakeTime());
        var fault = new TimeZoneNotFoundException();

        var waits = Enumerable.Range(0, 20).Select(_ => faults.Failed(Endpoint, fault, First)).ToList();

        waits.Should().OnlyContain(wait => wait >= First && wait <= 1.5 * First);
    }

    [Fact]
    public void Failed_FaultsInARow_WaitDoublesUpToAMinute()
    {
        var faults = new StreamFaults(new FakeTime());

        var waits = Enumerable.Range(0, 12).Select(_ => faults.Failed(Endpoint, new TimeZoneNotFoundException(), First)).ToList();

        for (var i = 0; i < 5; i++) waits[i].Should().BeCloseTo(1.25 * Math.Pow(2, i) * First, 0.25 * Math.Pow(2, i) * First);
        waits[^1].Should().BeCloseTo(TimeSpan.FromSeconds(57), TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void Failed_RunsOfANodeThatHasDied_CountOnceAndLaterOnesAgain()
    {
        var time = new FakeTime();
        var faults = new StreamFaults(time);

        var together = Enumerable.Range(0, 50).Select(_ => Fail()).ToList();
        time.Advance(TimeSpan.FromSeconds(10));
        var later = Fail();

        together.Should().OnlyContain(wait => wait >= First && wait <= 1.5 * First);
        later.Should().BeCloseTo(2.5 * First, 0.5 * First);

        TimeSpan Fail()
        {
            var fault = new EventStreamRunFailedException("failed");
            faults.MarkLogged(fault);
            return faults.Failed(Endpoint, fault, First);
        }
    }
}
