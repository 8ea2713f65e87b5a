namespace EventStream.Testing.Logs.Rules;

/// <summary>Records that replace others: no other record is lost, and the sequences stay.</summary>
internal sealed class ReplaceRules : LogRules
{
    public async Task Append_Replacing_TakesTheOneOfTheSameKeyOut()
    {
        await AppendAsync(One, State("a1", "a"), State("b1", "b"), Message("plain"));

        Expect.Sequence(await AppendAsync(Two, State("a2", "a"), State("A1", "A")), [At(4), At(5)]);

        var page = await ReadAsync(One);
        Expect.Sequence(TextsOf(page), ["b1", "plain", "a2", "A1"]);
        Expect.Sequence(SequencesOf(page), [2, 3, 4, 5]);
        ExpectPage(page, newest: 5);
        Expect.Sequence(SequencesOf(await ReadAsync(Two, after: 3)), [4, 5]);
    }

    public async Task Append_ReplacingForOneUser_LeavesTheOthersTheirs()
    {
        await AppendAsync(One, State("all 1", "k"), State("ann 1", "k", "ann"), State("ben 1", "k", "ben"));

        await AppendAsync(One, State("ann 2", "k", "ann"));
        Expect.Sequence(TextsOf(await ReadAsync(Two)), ["all 1", "ben 1", "ann 2"]);

        await AppendAsync(Two, State("all 2", "k"));
        Expect.Sequence(TextsOf(await ReadAsync(One)), ["ben 1", "ann 2", "all 2"]);
    }

    public async Task Append_ReplacingInOneCall_LeavesTheLast()
    {
        var positions = await AppendAsync(One, State("1", "a"), State("2", "b"), State("3", "a"), State("4", "a"));

        Expect.Sequence(positions, [At(1), At(2), At(3), At(4)]);

        Expect.Sequence(TextsOf(await ReadAsync(Two)), ["2", "4"]);
    }

    public async Task Append_KeyWithoutReplacing_KeepsBoth()
    {
        await AppendAsync(One, Message("1", new() { Key = "k" }), Message("2", new() { Key = "k" }));

        Expect.Sequence(TextsOf(await ReadAsync(Two)), ["1", "2"]);
    }

    public async Task Append_ReplacingInOneChannel_LeavesTheOtherAsItIs()
    {
        await AppendAsync(One, State("1", "k"));
        await AppendAsync(Two, State("other", "k") with { Channel = OtherName });

        Expect.Sequence(TextsOf(await ReadAsync(One)), ["1"]);
    }

    public async Task Append_ReplacingOnTwoNodesAtOnce_TheNewestOfEachKeyStays()
    {
        var positions = await AtOnceAsync(6, async (node, publisher) =>
        {
            List<EventStreamPosition?> got = [];
            for (var i = 0; i < 20; i++)
            {
                got.AddRange(await AppendAsync(node, State($"{publisher} {i}", "a"), State($"{publisher} {i}", "b")));
            }

            return got;
        });

        Expect.Sequence(positions.SelectMany(each => each).Select(position => Given(position).Sequence).Order(), Numbers(240));
        Expect.Sequence(SequencesOf(await ReadAsync(One)), [239, 240]);
    }
}
