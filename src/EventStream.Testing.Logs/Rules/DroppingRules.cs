namespace EventStream.Testing.Logs.Rules;

/// <summary>Eviction of messages, and deletion of channels.</summary>
internal sealed class DroppingRules : LogRules
{
    private enum Making
    {
        Message,
        Messages,
        Repeatable,
        End,
    }

    public async Task Read_BeforeWhatWasDropped_BeginsBehindIt()
    {
        await AppendAsync(One, Message("1"), Message("2"), Message("3"), Message("4"));
        await Store.DropAsync(Name, 2);

        foreach (var after in (long[])[0, 1, 2]) Expect.Sequence(TextsOf(await ReadAsync(Two, after)), ["3", "4"]);
        Expect.Sequence(TextsOf(await ReadAsync(Two, 3)), ["4"]);
        var page = await ReadAsync(One, long.MaxValue);
        ExpectPage(page, newest: 4, beforeOldest: 2);
        Expect.Equal(page.Records.Count, 0);
    }

    public async Task Read_EverythingWasDropped_NumbersGoOn()
    {
        await AppendAsync(One, Message("1"), Message("2"));
        await Store.DropAsync(Name, 2);

        var page = await ReadAsync(Two);
        ExpectPage(page, newest: 2, beforeOldest: 2);
        Expect.Equal(page.Records.Count, 0);
        Expect.Sequence(await AppendAsync(Two, Message("3")), [At(3)]);
        Expect.Sequence(TextsOf(await ReadAsync(One, 2)), ["3"]);
    }

    public async Task Append_RepeatOfWhatWasDropped_IsAppended()
    {
        await AppendAsync(One, Keyed("a", "1"), Message("b"));
        await Store.DropAsync(Name, 1);

        Expect.Sequence(await AppendAsync(One, Keyed("a", "1")), [At(3)]);
    }

    public async Task Append_ListWhoseFirstMessagesWereDropped_TakesItsPositions()
    {
        await AppendAsync(One, [.. List("k", "a", "b", "c"), Message("d")]);
        await Store.DropAsync(Name, 2);

        Expect.Sequence(await AppendAsync(One, List("k", "a", "b", "c")), [At(1), At(2), At(3)]);

        Expect.Sequence(TextsOf(await ReadAsync(Two)), ["c", "d"]);
    }

    public async Task Append_ListWhoseLastMessageWasDropped_IsAppendedWhole()
    {
        await AppendAsync(One, [.. List("k", "a", "b", "c"), Message("d")]);
        await Store.DropAsync(Name, 3);

        Expect.Sequence(await AppendAsync(One, List("k", "a", "b")), [At(5), At(6)]);

        Expect.Sequence(TextsOf(await ReadAsync(Two)), ["d", "a", "b"]);
    }

    public async Task Epoch_ChannelMadeAgainAfterItWasDropped_IsAnother()
    {
        (Making First, Making Second)[] pairs =
        [
            (Making.Message, Making.Message),
            (Making.Messages, Making.Messages),
            (Making.Repeatable, Making.Repeatable),
            (Making.End, Making.End),
            (Making.End, Making.Message),
        ];
        List<string?> epochs = [];
        foreach (var (first, second) in pairs)
        {
            epochs.Add(await MakeAsync(One, first));
            await Store.ForgetAsync(Name);
            epochs.Add(await MakeAsync(Two, second));
            Expect.Equal((await ReadAsync(One)).Epoch, epochs[^1]);
            await Store.ForgetAsync(Name);
        }

        Expect.Unique(epochs, "an epoch names one history");
        foreach (var epoch in epochs) Expect.True(IsEpoch(epoch), $"{epoch}");
    }

    public async Task Origin_ChannelIsDropped_IsAnotherEachTime()
    {
        List<string> origins = [(await ReadAsync(One)).Origin];
        for (var i = 0; i < 3; i++)
        {
            await AppendAsync(i % 2 == 0 ? One : Two, Message("a"), End());
            await Store.ForgetAsync(Name);
            origins.Add((await ReadAsync(One)).Origin);
            Expect.Equal((await ReadAsync(Two)).Origin, origins[^1]);
        }

        Expect.Unique(origins);
    }

    public async Task Origin_MessagesAreDropped_Stays()
    {
        var origin = (await ReadAsync(One)).Origin;
        await AppendAsync(One, Message("a"), Message("b"));

        await Store.DropAsync(Name, 2);

        Expect.Equal((await ReadAsync(One)).Origin, origin);
    }

    /// <summary>Creates the channel with the same records each time, and returns its epoch.</summary>
    private async Task<string> MakeAsync(IEventStreamLog node, Making making)
    {
        var keyed = Keyed("keyed", "key");
        EventStreamLogRecord[] records = making switch
        {
            Making.Message => [Message("a")],
            Making.Messages => [Message("a"), Elsewhere("elsewhere"), Message("b"), Message("c")],
            Making.Repeatable => [keyed, keyed],
            _ => [End()],
        };
        var positions = await AppendAsync(node, records);
        var epochs = positions.Where((_, i) => records[i].Channel == Name).Select(EpochOf).Distinct().ToArray();
        Expect.Equal(epochs.Length, 1, "one call makes one history");
        return epochs[0];
    }
}
