using Soon = EventStream.AspNetCore.Tests.Infrastructure.Soon;

namespace EventStream.AspNetCore.Tests.Logs.Contract;

/// <summary>Nodes that append and read at the same time: one order for all, without holes, and nothing that is seen by halves.</summary>
public abstract class LogOrderContract(LogStore store) : LogContract(store)
{
    [Fact(Timeout = 60_000)]
    public async Task Append_ByManyOnTwoNodes_EveryNumberOnceAndEachPublishersOrder()
    {
        const int publishers = 16, each = 20;

        var positions = await AtOnceAsync(publishers, async (node, publisher) =>
        {
            List<EventStreamPosition> got = [];
            for (var i = 0; i < each; i++) got.AddRange(await AppendAsync(node, Message($"{publisher} {i}")));
            return got;
        });

        var page = await ReadAsync(One);
        SequencesOf(page).Should().Equal(Numbers(publishers * each));
        var texts = TextsOf(page);
        for (var publisher = 0; publisher < publishers; publisher++)
        {
            positions[publisher].Select(position => position.Sequence).Should().BeInAscendingOrder();
            positions[publisher].Select(position => texts[position.Sequence - 1]).Should().Equal(Enumerable.Range(0, each).Select(i => $"{publisher} {i}"));
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Read_WhileTwoNodesAppend_NeverAHoleAndWhatWasReadStays()
    {
        const int publishers = 4, each = 50, all = publishers * each * 2;
        var appending = AtOnceAsync(publishers, async (node, publisher) =>
        {
            for (var i = 0; i < each; i++) await AppendAsync(node, Message($"{publisher} {i} a"), Message($"{publisher} {i} b"));
            return publisher;
        });

        var readers = await AtOnceAsync(4, async (node, reader) =>
        {
            List<EventStreamLogEntry> read = [];
            while (read.Count < all)
            {
                var page = await ReadAsync(node, read.Count, maxCount: 7 + reader);
                page.Newest.Should().BeGreaterThanOrEqualTo(read.Count + page.Entries.Count);
                (page.Newest % 2).Should().Be(0, "two are appended together");
                SequencesOf(page).Should().Equal(Numbers(page.Entries.Count).Select(number => read.Count + number));
                read.AddRange(page.Entries);
            }

            return read;
        });

        await appending;
        var settled = TextsOf(await ReadAsync(One));
        foreach (var read in readers) TextsOf(new() { Origin = "", Entries = read }).Should().Equal(settled);
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_OfSeveralOnTwoNodes_FollowEachOther()
    {
        var positions = await AtOnceAsync(20, (node, call) => AppendAsync(node, [.. Enumerable.Range(0, 5).Select(i => Message($"{call} {i}"))]));

        foreach (var together in positions) together.Should().Equal(Enumerable.Range(0, 5).Select(i => At(together[0].Sequence + i)));
        TextsOf(await ReadAsync(Two)).Should().Equal(positions.Index().OrderBy(call => call.Item[0].Sequence).SelectMany(call => Enumerable.Range(0, 5).Select(i => $"{call.Index} {i}")));
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_TheSameChannelsInOppositeOrders_NeitherStandsInTheOthersWay()
    {
        await AtOnceAsync(20, async (node, call) =>
        {
            string[] names = call % 4 < 2 ? [Name, OtherName] : [OtherName, Name];
            for (var i = 0; i < 10; i++) await AppendAsync(node, [.. names.Select(name => Message("a") with { Channel = name })]);
            return call;
        });

        var pages = await Soon.OrFail(One.ReadAsync([new(Name, 0, 10_000, int.MaxValue), new(OtherName, 0, 10_000, int.MaxValue)], CancellationToken.None).AsTask());
        foreach (var page in pages) SequencesOf(page).Should().Equal(Numbers(200));
    }
}
