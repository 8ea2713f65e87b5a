namespace EventStream.AspNetCore.Tests.Logs.Contract;

/// <summary>Records that are appended twice, by their idempotency keys, are there once.</summary>
public abstract class LogRepeatContract(LogStore store) : LogContract(store)
{
    [Fact(Timeout = 60_000)]
    public async Task Append_KeyThatIsRetained_TakesItsPositionOnAnyNode()
    {
        await AppendAsync(One, Message("a"), Keyed("b", "1"));

        var positions = await AppendAsync(Two, Message("c"), Keyed("not again", "1"), Message("d"), Keyed("e", "2"));

        positions.Should().Equal(At(3), At(2), At(4), At(5));
        TextsOf(await ReadAsync(One)).Should().Equal("a", "b", "c", "d", "e");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_KeyTwiceInOneCall_IsAppendedOnce()
    {
        (await AppendAsync(One, Keyed("a", "1"), Message("b"), Keyed("not again", "1"))).Should().Equal(At(1), At(2), At(1));

        TextsOf(await ReadAsync(Two)).Should().Equal("a", "b");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_KeysThatDifferALittleOrAreOfOtherChannels_AreKeysOfTheirOwn()
    {
        string[] keys = ["a", "A", "a ", "á", "a\u0301", new('a', 256), new string('a', 255) + "b"];
        await AppendAsync(One, Keyed("other", "a") with { Channel = OtherName });

        var positions = await AppendAsync(Two, [.. keys.Select(key => Keyed(key, key))]);

        positions.Should().Equal(Numbers(keys.Length).Select(At));
        (await AppendAsync(One, [.. keys.Select(key => Keyed(key, key))])).Should().Equal(positions);
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_SameKeysOnTwoNodesAtOnce_EachIsAppendedOnce()
    {
        var positions = await AtOnceAsync(4, async (node, _) =>
        {
            List<EventStreamPosition> got = [];
            for (var i = 0; i < 30; i++) got.AddRange(await AppendAsync(node, Keyed($"{i}", $"key {i}"), Keyed($"{i}", $"second key {i}")));
            return got;
        });

        positions.Should().OnlyContain(each => each.SequenceEqual(positions[0]));
        SequencesOf(await ReadAsync(One)).Should().Equal(Numbers(60));
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_RepeatThatReplaces_TakesNothingOut()
    {
        var first = State("1", "i");
        await AppendAsync(One, first, Message("b"));

        (await AppendAsync(Two, first)).Should().Equal(At(1));

        TextsOf(await ReadAsync(One)).Should().Equal("1", "b");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_RepeatOfWhatWasReplaced_IsOneWithinTheCallAndNotAfterIt()
    {
        var first = State("1", "i");

        (await AppendAsync(One, first, State("2", "j"), first)).Should().Equal(At(1), At(2), At(1));
        TextsOf(await ReadAsync(Two)).Should().Equal("2");

        (await AppendAsync(Two, first)).Should().Equal([At(3)], "it is retained no more");
        TextsOf(await ReadAsync(One)).Should().Equal("1");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_RepeatOfWhatWasDropped_IsAppended()
    {
        await AppendAsync(One, Keyed("a", "1"), Message("b"));
        await Store.DropAsync(Name, 1);

        (await AppendAsync(One, Keyed("a", "1"))).Should().Equal(At(3));
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_RepeatAfterTheEnd_TakesItsPosition()
    {
        await AppendAsync(One, Keyed("a", "1"), End());

        (await AppendAsync(Two, Keyed("a", "1"), Keyed("b", "2"))).Should().Equal(At(1), default);
    }

    private EventStreamLogRecord Keyed(string text, string key) => Message(text, new() { IdempotencyKey = key });

    private EventStreamLogRecord State(string text, string key) => Message(text, new() { Key = "k", IdempotencyKey = key }) with { Replaces = true };
}
