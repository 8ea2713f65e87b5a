namespace EventStream.Testing.Logs.Rules;

/// <summary>A record that is appended twice with one idempotency key is stored once.</summary>
internal sealed class RepeatRules : LogRules
{
    public async Task Append_KeyThatIsRetained_TakesItsPositionOnAnyNode()
    {
        await AppendAsync(One, Message("a"), Keyed("b", "1"));

        var positions = await AppendAsync(Two, Message("c"), Keyed("not again", "1"), Message("d"), Keyed("e", "2"));

        Expect.Sequence(positions, [At(3), At(2), At(4), At(5)]);
        Expect.Sequence(TextsOf(await ReadAsync(One)), ["a", "b", "c", "d", "e"]);
    }

    public async Task Append_KeyTwiceInOneCall_IsAppendedOnce()
    {
        Expect.Sequence(await AppendAsync(One, Keyed("a", "1"), Message("b"), Keyed("not again", "1")), [At(1), At(2), At(1)]);

        Expect.Sequence(TextsOf(await ReadAsync(Two)), ["a", "b"]);
    }

    public async Task Append_KeysThatDifferALittleOrAreOfOtherChannels_AreKeysOfTheirOwn()
    {
        string[] keys = ["a", "A", "a ", "á", "a\u0301", new('a', 256), new string('a', 255) + "b"];
        await AppendAsync(One, Keyed("other", "a") with { Channel = OtherName });

        var positions = await AppendAsync(Two, [.. keys.Select(key => Keyed(key, key))]);

        Expect.Sequence(positions, Numbers(keys.Length).Select(number => (EventStreamPosition?)At(number)));
        Expect.Sequence(await AppendAsync(One, [.. keys.Select(key => Keyed(key, key))]), positions);
    }

    public async Task Append_SameKeysOnTwoNodesAtOnce_EachIsAppendedOnce()
    {
        var positions = await AtOnceAsync(4, async (node, _) =>
        {
            List<EventStreamPosition?> got = [];
            for (var i = 0; i < 30; i++) got.AddRange(await AppendAsync(node, Keyed($"{i}", $"key {i}"), Keyed($"{i}", $"second key {i}")));
            return got;
        });

        foreach (var each in positions) Expect.Sequence(each, positions[0]);
        Expect.Sequence(SequencesOf(await ReadAsync(One)), Numbers(60));
    }

    public async Task Append_RepeatThatReplaces_TakesNothingOut()
    {
        var first = State("1", "k", idempotencyKey: "i");
        await AppendAsync(One, first, Message("b"));

        Expect.Sequence(await AppendAsync(Two, first), [At(1)]);

        Expect.Sequence(TextsOf(await ReadAsync(One)), ["1", "b"]);
    }

    public async Task Append_RepeatOfWhatWasReplaced_IsOneWithinTheCallAndNotAfterIt()
    {
        var first = State("1", "k", idempotencyKey: "i");

        Expect.Sequence(await AppendAsync(One, first, State("2", "k", idempotencyKey: "j"), first), [At(1), At(2), At(1)]);
        Expect.Sequence(TextsOf(await ReadAsync(Two)), ["2"]);

        Expect.Sequence(await AppendAsync(Two, first), [At(3)]);
        Expect.Sequence(TextsOf(await ReadAsync(One)), ["1"]);
    }

    public async Task Append_RepeatAfterTheEnd_TakesItsPosition()
    {
        await AppendAsync(One, Keyed("a", "1"), End());

        Expect.Sequence(await AppendAsync(Two, Keyed("a", "1"), Keyed("b", "2")), [At(1), null]);
    }
}
