namespace EventStream.Testing.Logs.Rules;

/// <summary>A list that is appended twice with one idempotency key is stored once, and whole.</summary>
internal sealed class ListRules : LogRules
{
    public async Task Append_ListThatIsRetained_TakesItsPositionsOnAnyNode()
    {
        await AppendAsync(One, Message("a"));
        Expect.Sequence(await AppendAsync(One, List("k", "b", "c", "d")), [At(2), At(3), At(4)]);

        var positions = await AppendAsync(Two, [Message("e"), .. List("k", "not", "again", "!"), Message("f")]);

        Expect.Sequence(positions, [At(5), At(2), At(3), At(4), At(6)]);
        Expect.Sequence(TextsOf(await ReadAsync(One)), ["a", "b", "c", "d", "e", "f"]);
    }

    public async Task Append_ListsAndMessagesOfOneKey_AreKeysOfTheirOwn()
    {
        string[] keys = ["a", "a#0", "a#1", "a#2", "1#a", "a\u0001"];
        foreach (var key in keys) await AppendAsync(One, Keyed("single", key));

        Expect.Sequence(await AppendAsync(Two, List("a", "b", "c")), [At(7), At(8)]);
        Expect.Sequence(await AppendAsync(Two, List("a#1", "d")), [At(9)]);
        Expect.Sequence(await AppendAsync(Two, Keyed("again", "a#1")), [At(3)]);
        Expect.Sequence(await AppendAsync(Two, List("a", "b", "c")), [At(7), At(8)]);
        Expect.Sequence(await AppendAsync(Two, [.. List("b", "e"), Keyed("f", "b"), .. List("b", "e")]), [At(10), At(11), At(10)]);
    }

    public async Task Append_ListsOfOtherChannels_AreOthers()
    {
        await AppendAsync(One, [.. List("k", "a", "b").Select(record => record with { Channel = OtherName })]);

        Expect.Sequence(await AppendAsync(One, List("k", "a", "b", "c")), [At(1), At(2), At(3)]);
    }

    public async Task Append_ListsOfOneKeyInOneCall_AreAppendedOnceOrRefused()
    {
        var positions = await AppendAsync(One, [.. List("k", "a", "b"), .. List("k", "not", "again"), Message("c")]);
        Expect.Sequence(positions, [At(1), At(2), At(1), At(2), At(3)]);

        await Expect.ThrowsAsync<InvalidOperationException>(() => AppendAsync(One, [.. List("l", "x", "y"), .. List("l", "x")]));

        Expect.Sequence(TextsOf(await ReadAsync(Two)), ["a", "b", "c"]);
    }

    public async Task Append_SameListsOnTwoNodesAtOnce_EachIsAppendedOnceAndTogether()
    {
        var positions = await AtOnceAsync(4, async (node, _) =>
        {
            List<EventStreamPosition?> got = [];
            for (var i = 0; i < 20; i++) got.AddRange(await AppendAsync(node, List($"key {i}", $"{i}", $"{i}", $"{i}")));
            return got;
        });

        foreach (var each in positions) Expect.Sequence(each, positions[0]);
        var page = await ReadAsync(One);
        Expect.Sequence(SequencesOf(page), Numbers(60));
        foreach (var list in TextsOf(page).Chunk(3)) Expect.Equal(list.Distinct().Count(), 1, string.Join(", ", list));
    }

    public async Task Append_ListWithTheLongestKey_IsRepeated()
    {
        string[] keys = [new('k', 256), new string('k', 255) + "l", new('漢', 256)];

        foreach (var key in keys) await AppendAsync(One, List(key, "a", "b"));

        for (var i = 0; i < keys.Length; i++)
        {
            Expect.Sequence(await AppendAsync(Two, List(keys[i], "a", "b")), [At((2 * i) + 1), At((2 * i) + 2)]);
        }
    }

    public async Task Append_ListOfStates_IsRepeatedAsLongAsItsLastIsThere()
    {
        var state = new EventStreamMetadata { Key = "state", IdempotencyKey = "k" };
        EventStreamLogRecord[] list = [.. List("k", "1", "2", "3").Select(record => record with { Metadata = state, Replaces = true })];
        await AppendAsync(One, list);
        await AppendAsync(One, Message("other"));

        Expect.Sequence(await AppendAsync(Two, list), [At(1), At(2), At(3)]);
        Expect.Sequence(TextsOf(await ReadAsync(One)), ["3", "other"]);

        await AppendAsync(One, State("4", "state"));
        Expect.Sequence(await AppendAsync(Two, list), [At(6), At(7), At(8)]);
        Expect.Sequence(TextsOf(await ReadAsync(One)), ["other", "3"]);
    }

    public async Task Append_ListAfterTheEnd_TakesItsPositions()
    {
        await AppendAsync(One, [.. List("k", "a", "b"), End()]);

        Expect.Sequence(await AppendAsync(Two, [.. List("k", "a", "b"), .. List("l", "c", "d")]), [At(1), At(2), null, null]);
    }
}
