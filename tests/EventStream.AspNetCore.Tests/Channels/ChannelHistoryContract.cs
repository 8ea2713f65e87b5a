namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>What readers and publishers may rely on, whichever log is behind a channel.</summary>
public abstract class ChannelHistoryContract
{
    [Fact(Timeout = 30_000)]
    public async Task Append_Messages_SequencesFromOneWithoutHoles()
    {
        var log = Open(new());

        Enumerable.Range(1, 100).Select(n => log.Append($"{n}")).Should().Equal(Enumerable.Range(1, 100).Select(n => (long)n));
        log.Newest.Should().Be(100);
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_BeforeTheFirstMessage_NothingAndNoGap()
    {
        var log = Open(new());

        log.Newest.Should().Be(0);
        log.Read(0)!.Value.Messages.Should().BeEmpty();
        log.Read(0)!.Value.Position.Should().Be(0);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(19)]
    [InlineData(20)]
    public async Task Read_FromAnyPosition_WhatFollowsIt(int after)
    {
        var log = Open(new());
        for (var n = 1; n <= 20; n++) log.Append($"{n}");

        var read = log.Read(after)!.Value;

        read.Messages.Should().Equal(Enumerable.Range(after + 1, 20 - after).Select(n => ((long)n, $"{n}")));
        read.Position.Should().Be(20);
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_InPieces_GoesOnWhereItStopped()
    {
        var log = Open(new());
        for (var n = 1; n <= 10; n++) log.Append($"{n}");

        var first = log.Read(2, most: 3)!.Value;
        var second = log.Read(first.Position, most: 100)!.Value;

        first.Messages.Select(message => message.Sequence).Should().Equal(3, 4, 5);
        first.Position.Should().Be(5);
        second.Messages.Select(message => message.Sequence).Should().Equal(6, 7, 8, 9, 10);
    }

    [Fact(Timeout = 30_000)]
    public async Task Append_BeyondTheCapacity_TheOldestGoes()
    {
        var log = Open(new() { Capacity = 3 });
        for (var n = 1; n <= 100; n++) log.Append($"{n}");

        log.Size.Messages.Should().Be(3);
        log.BeforeOldest.Should().Be(97);
        log.DataAfter(97).Should().Equal("98", "99", "100");
    }

    [Fact(Timeout = 30_000)]
    public async Task Append_BeyondTheBytes_TheOldestGoUntilThereIsRoom()
    {
        var log = Open(new() { MaxBytes = 1024 });
        for (var n = 1; n <= 8; n++) log.Append(new string('x', 80));
        var held = log.Size;

        log.Append(new string('y', 600));

        held.Messages.Should().Be(8);
        log.Size.Bytes.Should().BeLessThanOrEqualTo(1024).And.BeGreaterThan(600);
        log.Size.Messages.Should().BeInRange(2, 7);
        log.DataAfter(log.Newest - 1).Should().Equal(new string('y', 600));
    }

    [Fact(Timeout = 30_000)]
    public async Task Append_MessageAsLargeAsTheLog_IsAloneInIt()
    {
        var log = Open(new() { MaxBytes = 1024 });
        for (var n = 1; n <= 5; n++) log.Append("small");

        log.Append(new string('y', 980));

        log.Size.Messages.Should().Be(1);
        log.Read(4).Should().BeNull();
        log.DataAfter(5).Should().Equal(new string('y', 980));
    }

    [Fact(Timeout = 30_000)]
    public async Task DropOlderThan_SomeAreOlder_OnlyThoseGo()
    {
        var log = Open(new());
        for (var n = 1; n <= 5; n++) log.Append($"{n}", publishedAt: n * 10);

        log.DropOlderThan(30);

        log.BeforeOldest.Should().Be(2);
        log.DataAfter(2).Should().Equal("3", "4", "5");
        log.Read(1).Should().BeNull();
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_AfterWhatWasEvicted_IsAGapBelowTheOldestOnly()
    {
        var log = Open(new() { Capacity = 4 });
        for (var n = 1; n <= 10; n++) log.Append($"{n}");

        for (var after = 0; after <= 5; after++) log.Read(after).Should().BeNull($"{after} lost message {after + 1}");
        for (var after = 6; after <= 10; after++) log.DataAfter(after).Should().HaveCount(10 - after);
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_AfterTheNewest_IsNeverAGapHoweverMuchWasEvicted()
    {
        var log = Open(new() { Capacity = 1 });
        for (var n = 1; n <= 50; n++) log.Append($"{n}", publishedAt: 1);
        log.DropOlderThan(long.MaxValue);

        var read = log.Read(50);

        read.Should().NotBeNull();
        read!.Value.Messages.Should().BeEmpty();
        read.Value.Position.Should().Be(50);
        log.Read(49).Should().BeNull();
        log.Append("51").Should().Be(51);
        log.DataAfter(50).Should().Equal("51");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(0, 10)]
    [InlineData(1, 9)]
    [InlineData(4, 6)]
    [InlineData(5, 5)]
    [InlineData(6, 5)]
    [InlineData(int.MaxValue, 5)]
    public async Task BeforeLast_Count_IsWhereThatManyFollow(int count, int expected)
    {
        var log = Open(new() { Capacity = 5 });
        for (var n = 1; n <= 10; n++) log.Append($"{n}");

        log.BeforeLast(count).Should().Be(expected);
    }

    [Fact(Timeout = 30_000)]
    public async Task BeforeLast_NothingRetained_IsTheNewest()
    {
        var log = Open(new());
        log.BeforeLast(3).Should().Be(0);
        for (var n = 1; n <= 10; n++) log.Append($"{n}", publishedAt: 1);
        log.DropOlderThan(2);

        log.BeforeLast(0).Should().Be(10);
        log.BeforeLast(3).Should().Be(10);
    }

    [Fact(Timeout = 30_000)]
    public async Task BeforeLast_OfLatestByKey_CountsWhatIsLive()
    {
        var log = Open(new() { LatestByKey = true });
        log.Append("a1", key: "a");
        log.Append("b1", key: "b");
        for (var n = 2; n <= 5; n++) log.Append($"a{n}", key: "a");

        log.DataAfter(log.BeforeLast(1)).Should().Equal("a5");
        log.DataAfter(log.BeforeLast(2)).Should().Equal("b1", "a5");
        log.DataAfter(log.BeforeLast(3)).Should().Equal("b1", "a5");
    }

    [Fact(Timeout = 30_000)]
    public async Task Append_Completed_IsRefusedAndWhatIsRetainedCanBeRead()
    {
        var log = Open(new());
        log.Append("last");

        log.Complete().Should().BeTrue();

        log.Complete().Should().BeFalse();
        log.IsCompleted.Should().BeTrue();
        log.Invoking(it => it.Append("more")).Should().Throw<InvalidOperationException>().WithMessage("The channel is complete*");
        log.DataAfter(0).Should().Equal("last");
        log.Newest.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task LatestByKey_ReplacedMessages_LeaveNoGapAndTheNewestOfEachInOrder()
    {
        var log = Open(new() { LatestByKey = true });
        log.Append("a1", key: "a");
        log.Append("b1", key: "b");
        log.Append("plain");
        log.Append("a2", key: "a");
        log.Append("c1", key: "c");
        log.Append("a3", key: "a");

        log.Read(0)!.Value.Messages.Should().Equal((2L, "b1"), (3L, "plain"), (5L, "c1"), (6L, "a3"));
        log.Read(1)!.Value.Messages.Should().Equal((2L, "b1"), (3L, "plain"), (5L, "c1"), (6L, "a3"));
        log.Read(4)!.Value.Messages.Should().Equal((5L, "c1"), (6L, "a3"));
        log.Size.Messages.Should().Be(4);
    }

    [Fact(Timeout = 30_000)]
    public async Task LatestByKey_OneKeyOfTwoUsers_EachKeepsItsOwn()
    {
        var log = Open(new() { LatestByKey = true });
        log.Append("ann's cart", key: "cart", user: "ann");
        log.Append("ben's cart", key: "cart", user: "ben");
        log.Append("everybody's", key: "cart");
        log.Append("ann's new cart", key: "cart", user: "ann");

        log.DataAfter(0).Should().Equal("ben's cart", "everybody's", "ann's new cart");
    }

    [Fact(Timeout = 30_000)]
    public async Task LatestByKey_FullOfKeys_AnUpdateEvictsNothing()
    {
        var log = Open(new() { LatestByKey = true, Capacity = 3 });
        foreach (var key in (string[])["a", "b", "c"]) log.Append($"{key}1", key);

        foreach (var key in (string[])["c", "a", "b", "b"]) log.Append($"{key}2", key);

        log.BeforeOldest.Should().Be(0);
        log.DataAfter(0).Should().Equal("c2", "a2", "b2");
    }

    [Fact(Timeout = 30_000)]
    public async Task LatestByKey_FullOfBytes_AnUpdateEvictsNothingIfItsOwnRoomSuffices()
    {
        var log = Open(new() { LatestByKey = true, MaxBytes = 1024 });
        log.Append(new string('a', 400), key: "a");
        log.Append(new string('b', 400), key: "b");

        log.Append(new string('c', 400), key: "b");

        log.BeforeOldest.Should().Be(0);
        log.DataAfter(0).Should().Equal(new string('a', 400), new string('c', 400));
    }

    [Fact(Timeout = 30_000)]
    public async Task LatestByKey_NewestOfAKeyWasEvicted_IsAGapAndTheKeyBeginsAnew()
    {
        var log = Open(new() { LatestByKey = true, Capacity = 2 });
        log.Append("a1", key: "a");
        log.Append("b1", key: "b");
        log.Append("c1", key: "c");

        log.Read(0).Should().BeNull();
        log.Append("a2", key: "a");

        log.BeforeOldest.Should().Be(2);
        log.DataAfter(2).Should().Equal("c1", "a2");
        log.Append("c2", key: "c");
        log.DataAfter(2).Should().Equal("a2", "c2");
    }

    [Fact(Timeout = 30_000)]
    public async Task LatestByKey_ManyUpdatesOfFewKeys_StaySmallAndWithoutAGap()
    {
        var log = Open(new() { LatestByKey = true, Capacity = 16 });
        log.Append("first");
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var n = 1; n <= 200_000; n++) log.Append($"{n}", key: $"{n % 4}");

        (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(16_000_000, "200,000 messages would take 20 MB and more, and other tests run meanwhile");
        log.Size.Messages.Should().Be(5);
        log.DataAfter(0).Should().Equal("first", "199997", "199998", "199999", "200000");
        GC.KeepAlive(log);
    }

    [Fact(Timeout = 30_000)]
    public async Task LatestByKey_MessagesWithoutAKey_ReplaceNothing()
    {
        var log = Open(new() { LatestByKey = true });
        log.Append("1");
        log.Append("2");

        log.DataAfter(0).Should().Equal("1", "2");
    }

    [Fact(Timeout = 30_000)]
    public async Task Append_KeysWithoutTheOption_ReplaceNothing()
    {
        var log = Open(new());
        log.Append("1", key: "a");
        log.Append("2", key: "a");

        log.DataAfter(0).Should().Equal("1", "2");
    }

    private protected abstract TestedLog Open(EventStreamChannelOptions options);
}
