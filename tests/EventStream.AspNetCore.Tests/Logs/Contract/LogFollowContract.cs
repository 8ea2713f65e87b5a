using Soon = EventStream.AspNetCore.Tests.Infrastructure.Soon;

namespace EventStream.AspNetCore.Tests.Logs.Contract;

/// <summary>Hints: the first is of all channels, and from then on each append is hinted at on every node.</summary>
public abstract class LogFollowContract(LogStore store) : LogContract(store)
{
    [Fact(Timeout = 60_000)]
    public async Task Follow_FirstOfAll_IsAHintOfNoChannel()
    {
        await AppendAsync(One, Message("a"));

        await using var hints = One.FollowAsync(CancellationToken.None).GetAsyncEnumerator();

        (await Soon.OrFail(hints.MoveNextAsync().AsTask())).Should().BeTrue();
        hints.Current.Should().Be(new EventStreamLogHint(null));
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_AppendsOfEitherNode_AreHintedAtOnBoth()
    {
        await using var one = await HintListener.StartAsync(One);
        await using var two = await HintListener.StartAsync(Two);

        await AppendAsync(One, Message("a"), Message("b"));
        await AppendAsync(Two, Message("c") with { Channel = OtherName });

        foreach (var listener in (HintListener[])[one, two])
        {
            await listener.HearAsync(Name, newest: 2);
            await listener.HearAsync(OtherName, newest: 1);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_TwiceOnOneNode_BothHearAndOneOutlivesTheOther()
    {
        await using var first = await HintListener.StartAsync(One);
        await using (await HintListener.StartAsync(One)) await AppendAsync(Two, Message("a"));

        await first.HearAsync(Name, newest: 1);
        await AppendAsync(Two, Message("b"));
        await first.HearAsync(Name, newest: 2);
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_OneAppendOfManyChannels_EachIsHintedAt()
    {
        string[] names = [.. Enumerable.Range(0, 100).Select(i => $"{Name}/ü ß/{i}".PadRight(256, 'x'))];
        await using var listener = await HintListener.StartAsync(Two);

        await AppendAsync(One, [.. names.Select(name => Message("a") with { Channel = name })]);

        foreach (var name in names) await listener.HearAsync(name, newest: 1);
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_ManyAppendAtOnce_TheLastIsHintedAt()
    {
        await using var listener = await HintListener.StartAsync(One);

        await AtOnceAsync(8, async (node, _) =>
        {
            for (var i = 0; i < 25; i++) await AppendAsync(node, Message("a"));
            return true;
        });

        await listener.HearAsync(Name, newest: 200);
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_End_IsHintedAtToThoseWhoHaveEveryMessage()
    {
        await AppendAsync(One, Message("a"));
        await using var listener = await HintListener.StartAsync(Two);

        await AppendAsync(One, End());

        await listener.HearAsync(Name, newest: long.MaxValue);
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_Cancelled_EndsSoonAndDisturbsNobody()
    {
        using var stop = new CancellationTokenSource();
        await using var other = await HintListener.StartAsync(One);
        await using var hints = One.FollowAsync(stop.Token).GetAsyncEnumerator();
        (await Soon.OrFail(hints.MoveNextAsync().AsTask())).Should().BeTrue();
        var next = hints.MoveNextAsync().AsTask();

        await stop.CancelAsync();

        await HasEndedAsync(next);
        (await AppendAsync(One, Message("a"))).Should().Equal(At(1));
        await other.HearAsync(Name, newest: 1);
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_CancelledBefore_EndsSoon()
    {
        await using var hints = One.FollowAsync(new(canceled: true)).GetAsyncEnumerator();

        // The hint that is always given may still be.
        try
        {
            if (await Soon.OrFail(hints.MoveNextAsync().AsTask())) await HasEndedAsync(hints.MoveNextAsync().AsTask());
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static async Task HasEndedAsync(Task<bool> next)
    {
        try
        {
            (await Soon.OrFail(next)).Should().BeFalse();
        }
        catch (OperationCanceledException)
        {
        }
    }
}
