namespace EventStream.AspNetCore.Tests.Logs.Contract;

/// <summary>Lists that are appended twice, by their idempotency keys, are there once, and whole.</summary>
public abstract class LogListContract(LogStore store) : LogContract(store)
{
    [Fact(Timeout = 60_000)]
    public async Task Append_ListThatIsRetained_TakesItsPositionsOnAnyNode()
    {
        await AppendAsync(One, Message("a"));
        (await AppendAsync(One, List("k", "b", "c", "d"))).Should().Equal(At(2), At(3), At(4));

        var positions = await AppendAsync(Two, [Message("e"), .. List("k", "not", "again", "!"), Message("f")]);

        positions.Should().Equal(At(5), At(2), At(3), At(4), At(6));
        TextsOf(await ReadAsync(One)).Should().Equal("a", "b", "c", "d", "e", "f");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ListsAndMessagesOfOneKey_AreKeysOfTheirOwn()
    {
        string[] keys = ["a", "a#0", "a#1", "a#2", "1#a", "a\u0001"];
        foreach (var key in keys) await AppendAsync(One, Single("single", key));

        (await AppendAsync(Two, List("a", "b", "c"))).Should().Equal(At(7), At(8));
        (await AppendAsync(Two, List("a#1", "d"))).Should().Equal(At(9));
        (await AppendAsync(Two, Single("again", "a#1"))).Should().Equal(At(3));
        (await AppendAsync(Two, List("a", "b", "c"))).Should().Equal(At(7), At(8));
        (await AppendAsync(Two, [.. List("b", "e"), Single("f", "b"), .. List("b", "e")])).Should().Equal(At(10), At(11), At(10));
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ListsOfOtherChannels_AreOthers()
    {
        await AppendAsync(One, [.. List("k", "a", "b").Select(record => record with { Channel = OtherName })]);

        (await AppendAsync(One, List("k", "a", "b", "c"))).Should().Equal(At(1), At(2), At(3));
    }

    [Theory(Timeout = 60_000)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Append_ListOfAnotherLength_IsRefusedAndNothingOfTheCallIsAppended(int length)
    {
        await AppendAsync(One, List("k", "a", "b", "c"));

        var append = () => AppendAsync(Two, [Message("before"), .. List("k", [.. Enumerable.Repeat("x", length)]), Message("after")]);

        (await append.Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should().Contain(" 3 ").And.Contain($" {length}");
        TextsOf(await ReadAsync(One)).Should().Equal("a", "b", "c");
        (await AppendAsync(Two, List("k", "a", "b", "c"))).Should().Equal(At(1), At(2), At(3));
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ListsOfOneKeyInOneCall_AreAppendedOnceOrRefused()
    {
        (await AppendAsync(One, [.. List("k", "a", "b"), .. List("k", "not", "again"), Message("c")]))
            .Should().Equal(At(1), At(2), At(1), At(2), At(3));

        var append = () => AppendAsync(One, [.. List("l", "x", "y"), .. List("l", "x")]);

        await append.Should().ThrowAsync<InvalidOperationException>().WithMessage("* 2 messages*1*");
        TextsOf(await ReadAsync(Two)).Should().Equal("a", "b", "c");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ListWhoseFirstMessagesWereDropped_TakesItsPositions()
    {
        await AppendAsync(One, [.. List("k", "a", "b", "c"), Message("d")]);
        await Store.DropAsync(Name, 2);

        (await AppendAsync(One, List("k", "a", "b", "c"))).Should().Equal(At(1), At(2), At(3));

        TextsOf(await ReadAsync(Two)).Should().Equal("c", "d");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ListWhoseLastMessageWasDropped_IsAppendedWhole()
    {
        await AppendAsync(One, [.. List("k", "a", "b", "c"), Message("d")]);
        await Store.DropAsync(Name, 3);

        (await AppendAsync(One, List("k", "a", "b"))).Should().Equal(At(5), At(6));

        TextsOf(await ReadAsync(Two)).Should().Equal("d", "a", "b");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_SameListsOnTwoNodesAtOnce_EachIsAppendedOnceAndTogether()
    {
        var positions = await AtOnceAsync(4, async (node, _) =>
        {
            List<EventStreamPosition> got = [];
            for (var i = 0; i < 20; i++) got.AddRange(await AppendAsync(node, List($"key {i}", $"{i}", $"{i}", $"{i}")));
            return got;
        });

        positions.Should().OnlyContain(each => each.SequenceEqual(positions[0]));
        var page = await ReadAsync(One);
        SequencesOf(page).Should().Equal(Numbers(60));
        TextsOf(page).Chunk(3).Should().OnlyContain(list => list.Distinct().Count() == 1);
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ListWithTheLongestKey_IsRepeated()
    {
        string[] keys = [new('k', 256), new string('k', 255) + "l", new('漢', 256)];

        foreach (var key in keys) await AppendAsync(One, List(key, "a", "b"));

        for (var i = 0; i < keys.Length; i++) (await AppendAsync(Two, List(keys[i], "a", "b"))).Should().Equal(At((2 * i) + 1), At((2 * i) + 2));
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ListOfStates_IsRepeatedAsLongAsItsLastIsThere()
    {
        var list = States("k", "1", "2", "3");
        await AppendAsync(One, list);
        await AppendAsync(One, Message("other"));

        (await AppendAsync(Two, list)).Should().Equal([At(1), At(2), At(3)], "the last of them is retained, and has replaced the others");
        TextsOf(await ReadAsync(One)).Should().Equal("3", "other");

        await AppendAsync(One, Message("4", new() { Key = "state" }) with { Replaces = true });
        (await AppendAsync(Two, list)).Should().Equal(At(6), At(7), At(8));
        TextsOf(await ReadAsync(One)).Should().Equal("other", "3");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ListAfterTheEnd_TakesItsPositions()
    {
        await AppendAsync(One, [.. List("k", "a", "b"), End()]);

        (await AppendAsync(Two, [.. List("k", "a", "b"), .. List("l", "c", "d")])).Should().Equal(At(1), At(2), default, default);
    }

    private EventStreamLogRecord[] List(string key, params string[] texts) =>
        [.. texts.Select((text, i) => Single(text, key) with { Part = new(i + 1, texts.Length) })];

    private EventStreamLogRecord Single(string text, string key) => Message(text, new() { IdempotencyKey = key });

    private EventStreamLogRecord[] States(string key, params string[] texts) =>
        [.. List(key, texts).Select(record => record with { Metadata = record.Metadata! with { Key = "state" }, Replaces = true })];
}
