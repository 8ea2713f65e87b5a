namespace EventStream.Testing.Logs.Rules;

/// <summary>Claims of the owner that replace its own token, after an append that may still arrive.</summary>
internal sealed class ReplacedTokenRules : RunLogRules
{
    public async Task TakeOver_ReplacesTheTokenThatHoldsTheRun_HoldsItDuringItsLease()
    {
        var first = await ClaimAsync(One, Claim("a"));
        await AppendAsync(One, Fenced("1", "a"));

        var second = await TakeOverAsync(Two, Replacing("a", "b") with { TakesOver = true });

        ExpectRun(second, EventStreamRunState.Running, "b", first.Epoch, newest: 1);
        Expect.Equal((second!.Since, second.TakesOver), (first.Since, false), "it is the same run");
        Expect.Sequence(await AppendAsync(One, Fenced("late", "a")), [null]);
        Expect.Sequence(await AppendAsync(Two, Fenced("2", "b")), [At(first, 2)]);
        Expect.Equal((await RenewAsync(One, Long, "a")).Count, 0, "the former token holds nothing");
    }

    public async Task TakeOver_ReplacesATokenAfterAStopWasRequested_KeepsTheRequest()
    {
        var first = await ClaimAsync(One, Claim("a"));
        await RequestStopAsync(Two);

        ExpectRun(
            await TakeOverAsync(One, Replacing("a", "b")), EventStreamRunState.Running, "b", first.Epoch, isStopRequested: true);

        ExpectRun(
            (await RenewAsync(One, Long, "b")).SingleOrDefault(),
            EventStreamRunState.Running,
            "b",
            first.Epoch,
            isStopRequested: true);
    }

    public async Task TakeOver_AgainWithTheTokenThatHasReplaced_ReturnsTheRunAndRenewsItsLease()
    {
        var first = await ClaimAsync(One, Claim("a"));
        var lapsed = await TakeOverAsync(One, Replacing("a", "b") with { Lease = TimeSpan.Zero });
        Expect.Equal(lapsed?.IsLeaseOver, true);
        await AppendAsync(Two, Message("1"));

        ExpectRun(await TakeOverAsync(One, Replacing("a", "b")), EventStreamRunState.Running, "b", first.Epoch, newest: 1);

        Expect.Sequence(await AppendAsync(One, Fenced("2", "b")), [At(first, 2)]);
    }

    public async Task TakeOver_ReplacesATokenThatDoesNotHoldTheRun_ChangesNothing()
    {
        await ClaimAsync(One, Claim("a"));
        var held = await TakeOverAsync(One, Replacing("a", "b"));

        Expect.Equal(await TakeOverAsync(Two, Replacing("a", "c")), held);
        Expect.Equal(await TakeOverAsync(Two, Replacing("none", "c")), held);
        Expect.Equal(await TakeOverAsync(Two, Claim("c")), held);

        var over = await EndAsync(One, "b", EventStreamRunState.Complete);
        Expect.Equal(await TakeOverAsync(One, Replacing("b", "c")), over);
    }

    public async Task Append_WhileItsTokenIsReplaced_TheTakeoverCountsWhatIsBeforeAndNothingFollows()
    {
        for (var round = 0; round < 10; round++)
        {
            var channel = $"{Name}/{round}";
            var (old, young) = ($"old {round}", $"young {round}");
            await ClaimAsync(One, Claim(old) with { Channel = channel });
            var appending = await BeginAppendingAsync(channel, old);

            var taken = await TakeOverAsync(One, Replacing(old, young) with { Channel = channel });

            var newest = await appending;
            Expect.Equal(taken?.Newest, newest, "every record of the former token is before the takeover, which counts it");
            var next = Given((await AppendAsync(Two, Fenced("young", young) with { Channel = channel }))[0]);
            Expect.Equal(next.Sequence, newest + 1, "nothing is between the takeover and the next record");
        }
    }

    private EventStreamRunClaim Replacing(string token, string by) => Claim(by) with { Replaces = token };
}
