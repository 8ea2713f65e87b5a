using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Appending;

public sealed class AppendTests(SharedServer server)
{
    [Fact(Timeout = 60_000)]
    public async Task Append_ToAnEmptyDatabase_NumbersFromOneUnderAnEpochOfEachChannel()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());

        var positions = await node.AppendAsync(Message("news", "a"), Message("news", "b"), Message("prices", "c"));

        positions.Should().Equal(await node.AtAsync("news", 1), await node.AtAsync("news", 2), await node.AtAsync("prices", 1));
        positions[0].ToString().Should().MatchRegex("^[0-9a-hjkmnp-tv-z]{9}-1$");
        positions[2].Epoch()[..3].Should().NotBe(positions[0].Epoch()[..3], "it comes from the name");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ToAChannelThatExists_KeepsItsEpoch()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        var first = (await node.AppendAsync(Message("news", "a")))[0];

        var positions = await node.AppendAsync(Message("news", "b"));

        positions.Should().Equal(first.At(2));
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_AllThatARecordHas_IsReadBack()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        var metadata = new EventStreamMetadata { Key = "k", User = "ü", Sender = "s", Tag = "🎈", IdempotencyKey = "i" };

        await node.AppendAsync(Message("news", "a", metadata) with { Event = "price" });

        var entry = (await node.ReadAsync("news")).Records.Should().ContainSingle().Subject;
        entry.Should().BeEquivalentTo(new { Sequence = 1L, Event = "price", Metadata = metadata with { IdempotencyKey = null } });
        entry.PublishedAt.Should().Be((DateTimeOffset)(DateTime)(await node.ScalarAsync("SELECT published_at FROM eventstream.message"))!);
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ByManyOnThreeNodes_EveryNumberOnceAndInTheOrderOfEachPublisher()
    {
        var database = await server.CreateDatabaseAsync();
        await using var one = await LogNode.StartAsync(database);
        await using var two = await LogNode.StartAsync(database);
        await using var three = await LogNode.StartAsync(database);
        LogNode[] nodes = [one, two, three];

        var appends = await Task.WhenAll(
            Enumerable.Range(0, 32).Select(publisher => Task.Run(() => PublishAsync(nodes[publisher % 3], publisher)))).OrFail();

        foreach (var channel in (string[])["a", "b"])
        {
            var page = await one.ReadAsync(channel);
            page.Sequences().Should().Equal(Numbers(32 * 10));
            page.Texts().GroupBy(text => text.Split(' ')[0])
                .Should().OnlyContain(texts => texts.Select(text => int.Parse(text.Split(' ')[1])).SequenceEqual(Enumerable.Range(0, 10)));
        }

        appends.SelectMany(positions => positions).Should().OnlyHaveUniqueItems();

        static async Task<List<(string, long)>> PublishAsync(LogNode node, int publisher)
        {
            List<(string, long)> positions = [];
            for (var i = 0; i < 10; i++)
            {
                // Opposite orders, which would stand in each other's way if locks were taken as records come.
                string[] channels = publisher % 2 == 0 ? ["a", "b"] : ["b", "a"];
                var got = await node.AppendAsync([.. channels.Select(channel => Message(channel, $"{publisher} {i}"))]);
                positions.AddRange(channels.Zip(got, (channel, position) => (channel, position!.Value.Sequence)));
            }

            return positions;
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_Replacing_TakesTheMessageOfTheSameKeyAndUserAway()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.AppendAsync(State("k", null, "1"), State("k", "ann", "2"), State("other", null, "3"));

        await node.AppendAsync(State("k", null, "4"), State("k", "ann", "5"), State("k", "ann", "6"));

        var page = await node.ReadAsync("states");
        page.Texts().Should().Equal("3", "4", "6");
        page.Should().BeEquivalentTo(new { Newest = 6L, BeforeOldest = 0L });

        static EventStreamLogRecord State(string key, string? user, string text) =>
            Message("states", text, new() { Key = key, User = user }, replaces: true);
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_KeyOfAnyLength_Replaces()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        var metadata = new EventStreamMetadata { Key = new string('k', 10_000), User = string.Concat(Enumerable.Range(0, 20_000)) };
        await node.AppendAsync(Message("states", "1", metadata, replaces: true));

        await node.AppendAsync(Message("states", "2", metadata, replaces: true));

        (await node.ReadAsync("states")).Texts().Should().Equal("2");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_WithoutReplaces_KeepsTheMessageOfTheSameKey()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());

        await node.AppendAsync(Message("news", "1", new() { Key = "k" }), Message("news", "2", new() { Key = "k" }));

        (await node.ReadAsync("news")).Texts().Should().Equal("1", "2");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_AnEnd_CompletesTheChannelOnce()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());

        var positions = await node.AppendAsync(Message("run", "a"), End("run"), Message("run", "late"), End("run"));

        var last = await node.AtAsync("run", 1);
        positions.Should().Equal(last, last, null, last);
        (await node.AppendAsync(Message("run", "later"), Message("other", "x"))).Should().Equal(null, await node.AtAsync("other", 1));
        var page = await node.ReadAsync("run");
        page.Texts().Should().Equal("a");
        page.IsComplete.Should().BeTrue();
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_LargeFrames_AreReadBackByteByByte()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        var frame = new byte[5_000_000];
        new Random(1).NextBytes(frame);

        await node.AppendAsync(Message("big", "") with { Frame = frame.AsMemory(1) }, Message("big", "small"));

        var page = await node.ReadAsync("big");
        page.Records[0].Frame.Span.SequenceEqual(frame.AsSpan(1)).Should().BeTrue();
        page.Records[1].Frame.Length.Should().Be(5);
    }

    [Theory(Timeout = 60_000)]
    [InlineData('\0')]
    [InlineData('\ud83c')]
    [InlineData('\udf88')]
    public async Task Append_TextThatCannotBeStored_IsRefusedWithTheFieldAndNothingIsAppended(char unit)
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());

        var append = () => node.AppendAsync(Message("news", "fine"), Message("news", "a", new() { Sender = $"🎈{unit} " }));

        (await append.Should().ThrowAsync<EventStreamLogException>().WithMessage("The Sender of a message to 'news'*"))
            .Which.IsTransient.Should().BeFalse();
        (await node.ReadAsync("news")).Epoch.Should().BeNull();
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_TagThatIsNoText_IsRefused()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());

        var append = () => node.AppendAsync(Message("news", "a", new() { Tag = 42 }));

        await append.Should().ThrowAsync<EventStreamLogException>().WithMessage("The tag*Int32*");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ClockSetBack_TimesDoNotGoBack()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.AppendAsync(Message("news", "a"));
        await node.ExecuteAsync(
            "UPDATE eventstream.channel SET changed_at = now() + interval '1 hour'; "
            + "UPDATE eventstream.message SET published_at = now() + interval '1 hour'");

        await node.AppendAsync(Message("news", "b"));

        (await node.ReadAsync("news")).Records.Select(entry => entry.PublishedAt).Should().BeInAscendingOrder();
    }
}
