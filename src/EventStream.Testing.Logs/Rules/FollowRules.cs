namespace EventStream.Testing.Logs.Rules;

/// <summary>Hints: the first is for all channels, and then every node gets a hint for each append.</summary>
internal sealed class FollowRules : LogRules
{
    public async Task Follow_FirstOfAll_IsAHintOfNoChannel()
    {
        await AppendAsync(One, Message("a"));

        await using var reader = await ReadHintsAsync(Two);

        Expect.Equal(reader.First, new EventStreamLogHint(null));
    }

    public async Task Follow_AppendsOfEitherNode_AreHintedAtOnBoth()
    {
        await using var one = await ReadHintsAsync(One);
        await using var two = await ReadHintsAsync(Two);

        await AppendAsync(One, Message("a"), Message("b"));
        await AppendAsync(Two, Elsewhere("c"));

        foreach (var reader in (HintReader[])[one, two])
        {
            await reader.ReceiveAsync(Name, newest: 2);
            await reader.ReceiveAsync(OtherName, newest: 1);
        }
    }

    public async Task Follow_TwiceOnOneNode_BothHearAndOneOutlivesTheOther()
    {
        await using var first = await ReadHintsAsync(One);
        await using (await ReadHintsAsync(One)) await AppendAsync(Two, Message("a"));

        await first.ReceiveAsync(Name, newest: 1);
        await AppendAsync(Two, Message("b"));
        await first.ReceiveAsync(Name, newest: 2);
    }

    public async Task Follow_OneAppendOfManyChannels_EachIsHintedAt()
    {
        string[] names = [.. Enumerable.Range(0, 100).Select(i => $"{Name}/ü ß/{i}".PadRight(256, 'x'))];
        await using var reader = await ReadHintsAsync(Two);

        await AppendAsync(One, [.. names.Select(name => Message("a") with { Channel = name })]);

        foreach (var name in names) await reader.ReceiveAsync(name, newest: 1);
    }

    public async Task Follow_ManyAppendAtOnce_TheLastIsHintedAt()
    {
        await using var reader = await ReadHintsAsync(One);

        await AtOnceAsync(8, async (node, _) =>
        {
            for (var i = 0; i < 25; i++) await AppendAsync(node, Message("a"));
            return true;
        });

        await reader.ReceiveAsync(Name, newest: 200);
    }

    public async Task Follow_End_IsHintedAtToThoseWhoHaveEveryMessage()
    {
        await AppendAsync(One, Message("a"));
        await using var reader = await ReadHintsAsync(Two);

        await AppendAsync(One, End());

        await reader.ReceiveAsync(Name, newest: long.MaxValue);
    }

    public async Task Follow_Cancelled_EndsSoonAndDisturbsNoOther()
    {
        await using var other = await ReadHintsAsync(One);

        // Disposing of it waits for the end.
        await using (await ReadHintsAsync(One))
        {
        }

        Expect.Sequence(await AppendAsync(One, Message("a")), [At(1)]);
        await other.ReceiveAsync(Name, newest: 1);
    }

    public async Task Follow_CancelledBefore_EndsSoon()
    {
        await Task.Run(FollowAsync).WithinAsync(Store.WaitLimit, "the end of FollowAsync, whose token was cancelled before the call");

        async Task FollowAsync()
        {
            try
            {
                await foreach (var hint in One.FollowAsync(new(canceled: true))) Expect.Equal(hint.Channel, null);
            }
            catch (OperationCanceledException)
            {
            }
        }
    }
}
