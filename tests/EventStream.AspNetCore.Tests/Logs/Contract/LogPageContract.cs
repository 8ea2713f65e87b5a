using Soon = EventStream.AspNetCore.Tests.Infrastructure.Soon;

namespace EventStream.AspNetCore.Tests.Logs.Contract;

/// <summary>Pages: what follows a position, as much as was asked for, and where the channel begins and ends.</summary>
public abstract class LogPageContract(LogStore store) : LogContract(store)
{
    [Theory(Timeout = 60_000)]
    [InlineData(0, 3, 1000, "1,2,3")]
    [InlineData(2, 3, 1000, "3,4,5")]
    [InlineData(8, 5, 1000, "9,10")]
    [InlineData(9, 1, 1000, "10")]
    [InlineData(10, 5, 1000, "")]
    [InlineData(99, 5, 1000, "")]
    [InlineData(long.MaxValue, 5, 1000, "")]
    [InlineData(0, 100, 1000, "1,2,3,4,5,6,7,8,9,10")]
    [InlineData(0, 5, 20, "1,2")]
    [InlineData(0, 5, 29, "1,2")]
    [InlineData(0, 5, 30, "1,2,3")]
    [InlineData(4, 5, 1, "5")]
    public async Task Read_APage_IsWhatFollowsUpToItsCountAndBytes(long after, int maxCount, int maxBytes, string expected)
    {
        await AppendAsync(One, [.. Enumerable.Repeat(Message("ten bytes."), 10)]);

        var page = await ReadAsync(Two, after, maxCount, maxBytes);

        string.Join(',', SequencesOf(page)).Should().Be(expected);
        page.Should().BeEquivalentTo(new { Epoch, Newest = 10L, BeforeOldest = 0L, IsComplete = false });
    }

    [Fact(Timeout = 60_000)]
    public async Task Read_LargeMessages_EachIsAPageAlone()
    {
        await AppendAsync(One, Message("small"), Message(new('x', 5000)), Message("small"), Message(new('y', 5000)), Message(new('z', 5000)));

        List<long[]> pages = [];
        for (var after = 0L; after < 5; after = pages[^1][^1]) pages.Add(SequencesOf(await ReadAsync(Two, after, maxBytes: 1000)));

        pages.Select(page => page.Single()).Should().Equal(1, 2, 3, 4, 5);
    }

    [Fact(Timeout = 60_000)]
    public async Task Read_SeveralChannels_APageForEachInTheirOrder()
    {
        await AppendAsync(One, Message("1"), Message("2"), Message("other 1") with { Channel = OtherName }, End());

        var pages = await Soon.OrFail(Two.ReadAsync(
            [new(OtherName, 0, 9, 99), new(Name + "/none", 0, 9, 99), new(Name, 1, 9, 99)], CancellationToken.None).AsTask());

        pages.Select(page => string.Join(',', TextsOf(page))).Should().Equal("other 1", "", "2");
        pages.Select(page => page.Epoch is null).Should().Equal(false, true, false);
        pages[2].Epoch.Should().Be(Epoch);
        pages.Select(page => page.Epoch).Should().OnlyHaveUniqueItems();
        pages.Select(page => page.Origin).Should().OnlyHaveUniqueItems();
        pages.Select(page => page.Newest).Should().Equal(1, 0, 2);
        pages.Select(page => page.IsComplete).Should().Equal(false, false, true);
    }

    [Fact(Timeout = 60_000)]
    public async Task Read_BeforeWhatWasDropped_BeginsBehindIt()
    {
        await AppendAsync(One, Message("1"), Message("2"), Message("3"), Message("4"));
        await Store.DropAsync(Name, 2);

        foreach (var after in (long[])[0, 1, 2]) TextsOf(await ReadAsync(Two, after)).Should().Equal("3", "4");
        TextsOf(await ReadAsync(Two, 3)).Should().Equal("4");
        (await ReadAsync(One, long.MaxValue)).Should().BeEquivalentTo(new { Epoch, Newest = 4L, BeforeOldest = 2L, IsComplete = false, Entries = Array.Empty<EventStreamLogEntry>() });
    }

    [Fact(Timeout = 60_000)]
    public async Task Read_EverythingWasDropped_NumbersGoOn()
    {
        await AppendAsync(One, Message("1"), Message("2"));
        await Store.DropAsync(Name, 2);

        (await ReadAsync(Two)).Should().BeEquivalentTo(new { Epoch, Newest = 2L, BeforeOldest = 2L, IsComplete = false, Entries = Array.Empty<EventStreamLogEntry>() });
        (await AppendAsync(Two, Message("3"))).Should().Equal(At(3));
        TextsOf(await ReadAsync(One, 2)).Should().Equal("3");
    }
}
