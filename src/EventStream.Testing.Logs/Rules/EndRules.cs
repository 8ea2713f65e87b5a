namespace EventStream.Testing.Logs.Rules;

/// <summary>The end of a channel: it has no sequence, and no message follows it.</summary>
internal sealed class EndRules : LogRules
{
    public async Task End_OfAChannel_IsAtItsNewestMessageAndSeenByAll()
    {
        await AppendAsync(One, Message("a"), Message("b"));

        Expect.Sequence(await AppendAsync(Two, End()), [At(2)]);

        foreach (var node in (IEventStreamLog[])[One, Two])
        {
            var page = await ReadAsync(node);
            ExpectPage(page, newest: 2, isComplete: true);
            Expect.Sequence(TextsOf(page), ["a", "b"]);
        }
    }

    public async Task End_Again_ChangesNothing()
    {
        await AppendAsync(One, Message("a"), End());

        Expect.Sequence(await AppendAsync(Two, End()), [At(1)]);

        ExpectPage(await ReadAsync(One), newest: 1, isComplete: true);
    }

    public async Task Append_AfterTheEnd_HasNoPositionAndStopsNoOther()
    {
        await AppendAsync(One, Message("a"), End());

        var positions = await AppendAsync(Two, Message("late"), Elsewhere("elsewhere"), Message("late"));

        Expect.Sequence(positions, [null, new(EpochOf(positions[1]), 1), null]);
        Expect.Sequence(TextsOf(await ReadAsync(One)), ["a"]);
    }

    public async Task Append_MessagesAndEndsInOneCall_UpToTheFirstEnd()
    {
        Expect.Sequence(await AppendAsync(One, Message("a"), End(), Message("late"), End()), [At(1), At(1), null, At(1)]);

        Expect.Sequence(TextsOf(await ReadAsync(Two)), ["a"]);
    }

    public async Task End_OfAChannelThatDoesNotExist_MakesAnEmptyOne()
    {
        Expect.Sequence(await AppendAsync(One, End()), [At(0)]);

        ExpectPage(await ReadAsync(Two), newest: 0, isComplete: true);
        Expect.Sequence(await AppendAsync(Two, Message("late")), [null]);
    }

    public async Task End_WhileTwoNodesAppend_EverythingIsBeforeItOrNotThere()
    {
        var positions = await AtOnceAsync(8, async (node, publisher) =>
        {
            List<EventStreamPosition?> got = [];
            for (var i = 0; i < 20; i++)
            {
                got.AddRange(await AppendAsync(node, publisher == 0 && i == 10 ? End() : Message($"{publisher} {i}")));
            }

            return got;
        });

        var page = await ReadAsync(One);
        ExpectPage(page, page.Newest, isComplete: true);
        Expect.Equal(positions[0][10], At(page.Newest));
        Expect.True(!positions[0][..10].Contains(null), "records before the end are appended");
        Expect.Sequence(positions[0][11..], Enumerable.Repeat<EventStreamPosition?>(null, 9));
        positions[0].RemoveAt(10);
        var appended = positions
            .SelectMany(each => each)
            .Where(position => position is not null)
            .Select(position => Given(position).Sequence);
        Expect.Sequence(appended.Order(), SequencesOf(page));
        Expect.Sequence(SequencesOf(page), Numbers((int)page.Newest));
    }
}
