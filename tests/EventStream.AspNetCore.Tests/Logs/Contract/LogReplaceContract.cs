namespace EventStream.AspNetCore.Tests.Logs.Contract;

/// <summary>Records that replace others: nothing is lost by it, and the numbers stay.</summary>
public abstract class LogReplaceContract(LogStore store) : LogContract(store)
{
    [Fact(Timeout = 60_000)]
    public async Task Append_Replacing_TakesTheOneOfTheSameKeyOut()
    {
        await AppendAsync(One, State("a1", "a"), State("b1", "b"), Message("plain"));

        (await AppendAsync(Two, State("a2", "a"), State("A1", "A"))).Should().Equal(At(4), At(5));

        var page = await ReadAsync(One);
        TextsOf(page).Should().Equal("b1", "plain", "a2", "A1");
        SequencesOf(page).Should().Equal(2, 3, 4, 5);
        page.Should().BeEquivalentTo(new { Newest = 5L, BeforeOldest = 0L }, "what is replaced is not lost");
        SequencesOf(await ReadAsync(Two, after: 3)).Should().Equal(4, 5);
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ReplacingForOneUser_LeavesTheOthersTheirs()
    {
        await AppendAsync(One, State("all 1", "k"), State("ann 1", "k", "ann"), State("ben 1", "k", "ben"));

        await AppendAsync(One, State("ann 2", "k", "ann"));
        TextsOf(await ReadAsync(Two)).Should().Equal("all 1", "ben 1", "ann 2");

        await AppendAsync(Two, State("all 2", "k"));
        TextsOf(await ReadAsync(One)).Should().Equal("ben 1", "ann 2", "all 2");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ReplacingInOneCall_LeavesTheLast()
    {
        (await AppendAsync(One, State("1", "a"), State("2", "b"), State("3", "a"), State("4", "a"))).Should().Equal(At(1), At(2), At(3), At(4));

        TextsOf(await ReadAsync(Two)).Should().Equal("2", "4");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_KeyWithoutReplacing_KeepsBoth()
    {
        await AppendAsync(One, Message("1", new() { Key = "k" }), Message("2", new() { Key = "k" }));

        TextsOf(await ReadAsync(Two)).Should().Equal("1", "2");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ReplacingInOneChannel_LeavesTheOtherAsItIs()
    {
        await AppendAsync(One, State("1", "k"));
        await AppendAsync(Two, State("other", "k") with { Channel = OtherName });

        TextsOf(await ReadAsync(One)).Should().Equal("1");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ReplacingOnTwoNodesAtOnce_TheNewestOfEachKeyStays()
    {
        var positions = await AtOnceAsync(6, async (node, publisher) =>
        {
            List<EventStreamPosition> got = [];
            for (var i = 0; i < 20; i++) got.AddRange(await AppendAsync(node, State($"{publisher} {i}", "a"), State($"{publisher} {i}", "b")));
            return got;
        });

        positions.SelectMany(each => each).Select(position => position.Sequence).Should().BeEquivalentTo(Numbers(240));
        SequencesOf(await ReadAsync(One)).Should().Equal(239, 240);
    }

    private EventStreamLogRecord State(string text, string key, string? user = null) => Message(text, new() { Key = key, User = user }) with { Replaces = true };
}
