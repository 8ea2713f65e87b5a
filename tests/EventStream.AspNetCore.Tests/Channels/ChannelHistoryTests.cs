namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>What publishers and subscribers of one history may rely on.</summary>
public sealed class ChannelHistoryTests
{
    [Fact(Timeout = 30_000)]
    public async Task Append_Messages_SequencesFromOneWithoutHoles()
    {
        var history = Open(new());

        Enumerable.Range(1, 100).Select(n => history.Append($"{n}")).Should().Equal(Enumerable.Range(1, 100).Select(n => (long)n));
        history.Newest.Should().Be(100);
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_BeforeTheFirstMessage_NothingAndNoGap()
    {
        var history = Open(new());

        history.Newest.Should().Be(0);
        history.Read(0)!.Value.Messages.Should().BeEmpty();
        history.Read(0)!.Value.Position.Should().Be(0);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(19)]
    [InlineData(20)]
    public async Task Read_FromAnyPosition_WhatFollowsIt(int after)
    {
        var history = Open(new());
        for (var n = 1; n <= 20; n++) history.Append($"{n}");

        var read = history.Read(after)!.Value;

        read.Messages.Should().Equal(Enumerable.Range(after + 1, 20 - after).Select(n => ((long)n, $"{n}")));
        read.Position.Should().Be(20);
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_InPieces_ContinuesWhereItStopped()
    {
        var history = Open(new());
        for (var n = 1; n <= 10; n++) history.Append($"{n}");

        var first = history.Read(2, most: 3)!.Value;
        var second = history.Read(first.Position, most: 100)!.Value;

        first.Messages.Select(message => message.Sequence).Should().Equal(3, 4, 5);
        first.Position.Should().Be(5);
        second.Messages.Select(message => message.Sequence).Should().Equal(6, 7, 8, 9, 10);
    }

    [Fact(Timeout = 30_000)]
    public async Task Append_BeyondTheCapacity_TheOldestGoes()
    {
        var history = Open(new() { Capacity = 3 });
        for (var n = 1; n <= 100; n++) history.Append($"{n}");

        history.Size.Messages.Should().Be(3);
        history.BeforeOldest.Should().Be(97);
        history.DataAfter(97).Should().Equal("98", "99", "100");
    }

    [Fact(Timeout = 30_000)]
    public async Task Append_BeyondTheBytes_TheOldestGoUntilThereIsRoom()
    {
        var history = Open(new() { MaxBytes = 1024 });
        for (var n = 1; n <= 8; n++) history.Append(new string('x', 80));
        var held = history.Size;

        history.Append(new string('y', 600));

        held.Messages.Should().Be(8);
        history.Size.Bytes.Should().BeLessThanOrEqualTo(1024).And.BeGreaterThan(600);
        history.Size.Messages.Should().BeInRange(2, 7);
        history.DataAfter(history.Newest - 1).Should().Equal(new string('y', 600));
    }

    [Fact(Timeout = 30_000)]
    public async Task Append_MessageAsLargeAsTheLog_IsAloneInIt()
    {
        var history = Open(new() { MaxBytes = 1024 });
        for (var n = 1; n <= 5; n++) history.Append("small");

        history.Append(new string('y', 980));

        history.Size.Messages.Should().Be(1);
        history.Read(4).Should().BeNull();
        history.DataAfter(5).Should().Equal(new string('y', 980));
    }

    [Fact(Timeout = 30_000)]
    public async Task EvictOlderThan_SomeAreOlder_OnlyThoseGo()
    {
        var history = Open(new());
        for (var n = 1; n <= 5; n++) history.Append($"{n}", publishedAt: n * 10);

        history.EvictOlderThan(30);

        history.BeforeOldest.Should().Be(2);
        history.DataAfter(2).Should().Equal("3", "4", "5");
        history.Read(1).Should().BeNull();
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_AfterWhatWasEvicted_IsAGapBelowTheOldestOnly()
    {
        var history = Open(new() { Capacity = 4 });
        for (var n = 1; n <= 10; n++) history.Append($"{n}");

        for (var after = 0; after <= 5; after++) history.Read(after).Should().BeNull($"{after} lost message {after + 1}");
        for (var after = 6; after <= 10; after++) history.DataAfter(after).Should().HaveCount(10 - after);
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_AfterTheNewest_IsNeverAGapHoweverMuchWasEvicted()
    {
        var history = Open(new() { Capacity = 1 });
        for (var n = 1; n <= 50; n++) history.Append($"{n}", publishedAt: 1);
        history.EvictOlderThan(long.MaxValue);

        var read = history.Read(50);

        read.Should().NotBeNull();
        read!.Value.Messages.Should().BeEmpty();
        read.Value.Position.Should().Be(50);
        history.Read(49).Should().BeNull();
        history.Append("51").Should().Be(51);
        history.DataAfter(50).Should().Equal("51");
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
        var history = Open(new() { Capacity = 5 });
        for (var n = 1; n <= 10; n++) history.Append($"{n}");

        history.BeforeLast(count).Should().Be(expected);
    }

    [Fact(Timeout = 30_000)]
    public async Task BeforeLast_NothingRetained_IsTheNewest()
    {
        var history = Open(new());
        history.BeforeLast(3).Should().Be(0);
        for (var n = 1; n <= 10; n++) history.Append($"{n}", publishedAt: 1);
        history.EvictOlderThan(2);

        history.BeforeLast(0).Should().Be(10);
        history.BeforeLast(3).Should().Be(10);
    }

    [Fact(Timeout = 30_000)]
    public async Task BeforeLast_OfLatestByKey_CountsWhatIsLive()
    {
        var history = Open(new() { LatestByKey = true });
        history.Append("a1", key: "a");
        history.Append("b1", key: "b");
        for (var n = 2; n <= 5; n++) history.Append($"a{n}", key: "a");

        history.DataAfter(history.BeforeLast(1)).Should().Equal("a5");
        history.DataAfter(history.BeforeLast(2)).Should().Equal("b1", "a5");
        history.DataAfter(history.BeforeLast(3)).Should().Equal("b1", "a5");
    }

    [Fact(Timeout = 30_000)]
    public async Task Append_Completed_IsRefusedAndTheRetainedMessagesCanBeRead()
    {
        var history = Open(new());
        history.Append("last");

        history.Complete().Should().BeTrue();

        history.Complete().Should().BeFalse();
        history.IsCompleted.Should().BeTrue();
        history.Append("more").Should().Be(0);
        history.DataAfter(0).Should().Equal("last");
        history.Newest.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task LatestByKey_ReplacedMessages_LeaveNoGapAndTheNewestOfEachInOrder()
    {
        var history = Open(new() { LatestByKey = true });
        history.Append("a1", key: "a");
        history.Append("b1", key: "b");
        history.Append("plain");
        history.Append("a2", key: "a");
        history.Append("c1", key: "c");
        history.Append("a3", key: "a");

        history.Read(0)!.Value.Messages.Should().Equal((2L, "b1"), (3L, "plain"), (5L, "c1"), (6L, "a3"));
        history.Read(1)!.Value.Messages.Should().Equal((2L, "b1"), (3L, "plain"), (5L, "c1"), (6L, "a3"));
        history.Read(4)!.Value.Messages.Should().Equal((5L, "c1"), (6L, "a3"));
        history.Size.Messages.Should().Be(4);
    }

    [Fact(Timeout = 30_000)]
    public async Task LatestByKey_OneKeyOfTwoUsers_EachKeepsItsOwn()
    {
        var history = Open(new() { LatestByKey = true });
        history.Append("ann's cart", key: "cart", user: "ann");
        history.Append("ben's cart", key: "cart", user: "ben");
        history.Append("everybody's", key: "cart");
        history.Append("ann's new cart", key: "cart", user: "ann");

        history.DataAfter(0).Should().Equal("ben's cart", "everybody's", "ann's new cart");
    }

    [Fact(Timeout = 30_000)]
    public async Task LatestByKey_FullOfKeys_AnUpdateEvictsNothing()
    {
        var history = Open(new() { LatestByKey = true, Capacity = 3 });
        foreach (var key in (string[])["a", "b", "c"]) history.Append($"{key}1", key);

        foreach (var key in (string[])["c", "a", "b", "b"]) history.Append($"{key}2", key);

        history.BeforeOldest.Should().Be(0);
        history.DataAfter(0).Should().Equal("c2", "a2", "b2");
    }

    [Fact(Timeout = 30_000)]
    public async Task LatestByKey_FullOfBytes_AnUpdateEvictsNothingIfItsOwnRoomSuffices()
    {
        var history = Open(new() { LatestByKey = true, MaxBytes = 1024 });
        history.Append(new string('a', 400), key: "a");
        history.Append(new string('b', 400), key: "b");

        history.Append(new string('c', 400), key: "b");

        history.BeforeOldest.Should().Be(0);
        history.DataAfter(0).Should().Equal(new string('a', 400), new string('c', 400));
    }

    [Fact(Timeout = 30_000)]
    public async Task LatestByKey_NewestOfAKeyWasEvicted_IsAGapAndTheKeyBeginsAgain()
    {
        var history = Open(new() { LatestByKey = true, Capacity = 2 });
        history.Append("a1", key: "a");
        history.Append("b1", key: "b");
        history.Append("c1", key: "c");

        history.Read(0).Should().BeNull();
        history.Append("a2", key: "a");

        history.BeforeOldest.Should().Be(2);
        history.DataAfter(2).Should().Equal("c1", "a2");
        history.Append("c2", key: "c");
        history.DataAfter(2).Should().Equal("a2", "c2");
    }

    [Fact(Timeout = 30_000)]
    public async Task LatestByKey_MessagesWithoutAKey_ReplaceNothing()
    {
        var history = Open(new() { LatestByKey = true });
        history.Append("1");
        history.Append("2");

        history.DataAfter(0).Should().Equal("1", "2");
    }

    [Fact(Timeout = 30_000)]
    public async Task Append_KeysWithoutTheOption_ReplaceNothing()
    {
        var history = Open(new());
        history.Append("1", key: "a");
        history.Append("2", key: "a");

        history.DataAfter(0).Should().Equal("1", "2");
    }

    private static TestedHistory Open(EventStreamChannelOptions options) => new(options);
}
