namespace EventStream.AspNetCore.Tests.Logs.Contract;

/// <summary>The end of a channel: it has no number, and nothing follows it.</summary>
public abstract class LogEndContract(LogStore store) : LogContract(store)
{
    [Fact(Timeout = 60_000)]
    public async Task End_OfAChannel_IsAtItsNewestMessageAndSeenByAll()
    {
        await AppendAsync(One, Message("a"), Message("b"));

        (await AppendAsync(Two, End())).Should().Equal(At(2));

        foreach (var node in (IEventStreamLog[])[One, Two])
        {
            var page = await ReadAsync(node);
            page.Should().BeEquivalentTo(new { Epoch, Newest = 2L, BeforeOldest = 0L, IsComplete = true });
            TextsOf(page).Should().Equal("a", "b");
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task End_Again_ChangesNothing()
    {
        await AppendAsync(One, Message("a"), End());

        (await AppendAsync(Two, End())).Should().Equal(At(1));

        (await ReadAsync(One)).Should().BeEquivalentTo(new { Newest = 1L, IsComplete = true });
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_AfterTheEnd_HasNoPositionAndStopsNoOther()
    {
        await AppendAsync(One, Message("a"), End());

        var positions = await AppendAsync(Two, Message("late"), Message("elsewhere") with { Channel = OtherName }, Message("late"));

        positions.Should().Equal([default, new(EpochOf(positions[1]), 1), default]);
        TextsOf(await ReadAsync(One)).Should().Equal("a");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_MessagesAndEndsInOneCall_UpToTheFirstEnd()
    {
        (await AppendAsync(One, Message("a"), End(), Message("late"), End())).Should().Equal(At(1), At(1), default, At(1));

        TextsOf(await ReadAsync(Two)).Should().Equal("a");
    }

    [Fact(Timeout = 60_000)]
    public async Task End_OfAChannelThatDoesNotExist_MakesAnEmptyOne()
    {
        (await AppendAsync(One, End())).Should().Equal(At(0));

        (await ReadAsync(Two)).Should().BeEquivalentTo(new { Epoch, Newest = 0L, IsComplete = true });
        (await AppendAsync(Two, Message("late"))).Should().Equal(default(EventStreamPosition));
    }

    [Fact(Timeout = 60_000)]
    public async Task End_WhileTwoNodesAppend_EverythingIsBeforeItOrNotThere()
    {
        var positions = await AtOnceAsync(8, async (node, publisher) =>
        {
            List<EventStreamPosition> got = [];
            for (var i = 0; i < 20; i++) got.AddRange(await AppendAsync(node, publisher == 0 && i == 10 ? End() : Message($"{publisher} {i}")));
            return got;
        });

        var page = await ReadAsync(One);
        page.IsComplete.Should().BeTrue();
        positions[0][10].Should().Be(At(page.Newest));
        positions[0][..10].Should().NotContain(default(EventStreamPosition));
        positions[0][11..].Should().OnlyContain(position => position == default);
        positions[0].RemoveAt(10);
        positions.SelectMany(each => each).Where(position => position != default).Select(position => position.Sequence).Should().BeEquivalentTo(SequencesOf(page));
        SequencesOf(page).Should().Equal(Numbers((int)page.Newest));
    }
}
