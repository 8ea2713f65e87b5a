namespace EventStream.Testing.Logs.Rules;

/// <summary>Nodes that append and read at the same time: all see one order, without missing sequences.</summary>
internal sealed class OrderRules : LogRules
{
    public async Task Append_ByManyOnTwoNodes_EveryNumberOnceAndEachPublishersOrder()
    {
        const int publishers = 16, each = 20;

        var positions = await AtOnceAsync(publishers, async (node, publisher) =>
        {
            List<EventStreamPosition?> got = [];
            for (var i = 0; i < each; i++) got.AddRange(await AppendAsync(node, Message($"{publisher} {i}")));
            return got;
        });

        var page = await ReadAsync(One);
        Expect.Sequence(SequencesOf(page), Numbers(publishers * each));
        var texts = TextsOf(page);
        for (var publisher = 0; publisher < publishers; publisher++)
        {
            var own = positions[publisher].Select(position => Given(position).Sequence).ToArray();
            Expect.Sequence(own, own.Order(), "a later append has a later sequence");
            Expect.Sequence(own.Select(sequence => texts[sequence - 1]), Enumerable.Range(0, each).Select(i => $"{publisher} {i}"));
        }
    }

    public async Task Read_WhileTwoNodesAppend_NeverAHoleAndWhatWasReadStays()
    {
        const int publishers = 4, each = 50, all = publishers * each;
        var appending = AtOnceAsync(publishers, async (node, publisher) =>
        {
            for (var i = 0; i < each; i++) await AppendAsync(node, Message($"{publisher} {i}"));
            return publisher;
        });

        var readers = await AtOnceAsync(4, async (node, reader) =>
        {
            List<EventStreamStoredRecord> read = [];
            while (read.Count < all)
            {
                var page = await ReadAsync(node, read.Count, maxCount: 7 + reader);
                Expect.True(page.Newest >= read.Count + page.Records.Count, "the newest sequence is not before those of the page");
                Expect.Sequence(SequencesOf(page), Numbers(page.Records.Count).Select(number => read.Count + number));
                read.AddRange(page.Records);
            }

            return read;
        });

        await appending;
        var settled = TextsOf(await ReadAsync(One));
        foreach (var read in readers) Expect.Sequence(TextsOf(new() { Origin = "", Records = read }), settled);
    }

    public async Task Append_OfSeveralOnTwoNodes_FollowEachOther()
    {
        const int each = 5;
        var positions = await AtOnceAsync(
            20, (node, call) => AppendAsync(node, [.. Enumerable.Range(0, each).Select(i => Message($"{call} {i}"))]));

        foreach (var together in positions)
        {
            var first = Given(together[0]).Sequence;
            Expect.Sequence(together, Enumerable.Range(0, each).Select(i => (EventStreamPosition?)At(first + i)));
        }

        Expect.Sequence(
            TextsOf(await ReadAsync(Two)),
            positions.Index()
                .OrderBy(call => Given(call.Item[0]).Sequence)
                .SelectMany(call => Enumerable.Range(0, each).Select(i => $"{call.Index} {i}")));
    }

    public async Task Append_TheSameChannelsInOppositeOrders_NeitherBlocksTheOther()
    {
        await AtOnceAsync(20, async (node, call) =>
        {
            string[] names = call % 4 < 2 ? [Name, OtherName] : [OtherName, Name];
            for (var i = 0; i < 10; i++) await AppendAsync(node, [.. names.Select(name => Message("a") with { Channel = name })]);
            return call;
        });

        var pages = await ReadPagesAsync(One, Everything(Name), Everything(OtherName));
        foreach (var page in pages) Expect.Sequence(SequencesOf(page), Numbers(200));
    }
}
