using EventStream.AspNetCore.Logs;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>When a node may deliver to named users, from what it has announced and read.</summary>
public sealed class NodeLeaseTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Membership = TimeSpan.FromSeconds(18);

    private readonly FakeTime _time = new();
    private readonly NodeLease _lease;

    public NodeLeaseTests() => _lease = new(_time, Timeout, NullLogger.Instance, renew: () => { }, wake: () => { });

    [Fact(Timeout = 30_000)]
    public async Task IsValid_ReadEndedBeforeTheAnnouncement_OnlyAfterTheNextRead()
    {
        Read("e", 4);
        Announce("e", 5);
        _lease.IsValid.Should().BeFalse("a revocation at 5 or before may not be applied");

        Read("e", 5);
        _lease.IsValid.Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task IsValid_ReadOfAnotherHistory_IsNot()
    {
        Announce("e", 5);
        Read("f", 9);
        _lease.IsValid.Should().BeFalse("nobody in that history knows this node");

        Announce("f", 10);
        _lease.IsValid.Should().BeFalse("it was read up to 9");

        Read("f", 10);
        _lease.IsValid.Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task IsValid_AnnouncedAgainInTime_TheFirstOneCounts()
    {
        Announce("e", 5);
        Read("e", 5);

        Announce("e", 9);

        _lease.IsValid.Should().BeTrue("the other nodes have known it since 5");
    }

    [Fact(Timeout = 30_000)]
    public async Task IsValid_AnnouncedAgainTooLate_OnlyOnceThatIsRead()
    {
        Announce("e", 5);
        Read("e", 5);
        _time.Advance(Membership);

        Announce("e", 9);
        Read("e", 8);
        _lease.IsValid.Should().BeFalse("the other nodes may have forgotten it before 9");

        Read("e", 9);
        _lease.IsValid.Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task IsValid_NoReadForTheTimeout_EndsThen()
    {
        Announce("e", 5);
        Read("e", 5);

        _time.Advance(Timeout - TimeSpan.FromTicks(1));
        _lease.IsValid.Should().BeTrue();

        _time.Advance(TimeSpan.FromTicks(1));
        _lease.IsValid.Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task IsValid_ReadAndNotAnnouncedForLong_EndsThen()
    {
        Announce("e", 5);
        _time.Advance(Membership - TimeSpan.FromTicks(1));
        Read("e", 5);
        _lease.IsValid.Should().BeTrue();

        _time.Advance(TimeSpan.FromTicks(1));
        _lease.IsValid.Should().BeFalse("the other nodes forget it soon");
    }

    [Fact(Timeout = 30_000)]
    public async Task IsValid_CallsThatTookLong_CountFromTheirBeginning()
    {
        var began = _time.GetTimestamp();
        _time.Advance(Timeout);
        Announce("e", 5);

        _lease.Read(began, new("e", 5));
        _lease.IsValid.Should().BeFalse("what was revoked since is not applied");

        Read("e", 5);
        _lease.IsValid.Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task GiveUp_ThenAnnouncedAndRead_StaysSo()
    {
        Announce("e", 5);
        Read("e", 5);

        _lease.GiveUp();
        _lease.IsValid.Should().BeFalse();

        Announce("e", 9);
        Read("e", 9);
        _lease.IsValid.Should().BeFalse();
    }

    private void Announce(string epoch, long sequence) => _lease.Announced(_time.GetTimestamp(), new(epoch, sequence));

    private void Read(string epoch, long sequence) => _lease.Read(_time.GetTimestamp(), new(epoch, sequence));
}
