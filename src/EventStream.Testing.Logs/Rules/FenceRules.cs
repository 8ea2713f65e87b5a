namespace EventStream.Testing.Logs.Rules;

/// <summary>The fence: a record with a token is appended only while the token holds the run.</summary>
internal sealed class FenceRules : RunLogRules
{
    public async Task Append_WithTheTokenThatHoldsTheRun_IsAppended()
    {
        var run = await ClaimAsync(One, Claim("a"));

        Expect.Sequence(await AppendAsync(One, Fenced("1", "a"), Fenced("2", "a")), [At(run, 1), At(run, 2)]);
        Expect.Sequence(await AppendAsync(Two, Message("3")), [At(run, 3)]);
        Expect.Sequence(await AppendAsync(One, [.. List("k", "4", "5").Select(With("a"))]), [At(run, 4), At(run, 5)]);
        Expect.Sequence(await AppendAsync(One, State("6", "k") with { RunToken = "a" }), [At(run, 6)]);

        Expect.Sequence(TextsOf(await ReadAsync(Two)), ["1", "2", "3", "4", "5", "6"]);
    }

    public async Task Append_LeaseIsOverButNotTaken_IsAppended()
    {
        var run = await ClaimAsync(One, Lapsing("a"));

        Expect.Sequence(await AppendAsync(One, Fenced("1", "a")), [At(run, 1)]);
    }

    public async Task Append_WithAStaleToken_AppendsNothing()
    {
        var run = await ClaimAsync(One, Claim("a"));

        Expect.Sequence(await AppendAsync(Two, Fenced("late", "b")), [null]);
        Expect.Sequence(await AppendAsync(Two, Fenced("late", "b"), Fenced("late", "b")), [null, null]);
        Expect.Sequence(await AppendAsync(Two, [.. List("k", "late", "late").Select(With("b"))]), [null, null]);
        Expect.Sequence(await AppendAsync(Two, Keyed("late", "i") with { RunToken = "b" }), [null]);
        Expect.Sequence(await AppendAsync(Two, State("late", "k") with { RunToken = "b" }), [null]);
        Expect.Sequence(await AppendAsync(Two, End() with { RunToken = "b" }), [null]);

        var page = await ReadAsync(One);
        Expect.Equal((page.Epoch, page.Newest, page.IsComplete, page.Records.Count), (run.Epoch, 0L, false, 0));
    }

    public async Task Append_WithATokenToAChannelThatDoesNotExist_MakesNone()
    {
        Expect.Sequence(await AppendAsync(One, Fenced("late", "a")), [null]);
        Expect.Sequence(await AppendAsync(One, Keyed("late", "k") with { RunToken = "a" }, End() with { RunToken = "a" }), [null, null]);
        await AppendAsync(One, Fenced("late", "a"), Elsewhere("elsewhere"));

        Expect.Equal((await ReadAsync(Two)).Epoch, null);
    }

    public async Task Append_WithATokenToAChannelWithoutARun_AppendsNothing()
    {
        await AppendAsync(One, Message("1"));

        Expect.Sequence(await AppendAsync(One, Fenced("late", "a")), [null]);

        ExpectPage(await ReadAsync(Two), newest: 1);
    }

    public async Task Append_AfterTakeoverEndStopOrRestart_AppendsNothing()
    {
        (string What, EventStreamRunClaim Claim, Func<Task> End)[] ends =
        [
            ("takeover", Lapsing("a") with { TakesOver = true }, () => ClaimAsync(Two, Claim("b") with { TakesOver = true })),
            ("restart", Lapsing("c") with { Restarts = true }, () => ClaimAsync(Two, Claim("d"))),
            ("end", Claim("e"), () => EndAsync(One, "e", EventStreamRunState.Complete)),
            ("stop", Lapsing("f") with { Restarts = true }, () => RequestStopAsync(Two)),
            ("abandonment", Lapsing("g") with { Restarts = true }, () => EndAbandonedAsync(Two, TimeSpan.Zero)),
        ];
        foreach (var (what, claim, end) in ends)
        {
            // The run of the step before, if one still runs.
            var before = (await ReadRunsAsync(One, null)).SingleOrDefault();
            if (before is not null) await EndAsync(One, before.Token!, EventStreamRunState.Failed);
            var run = await ClaimAsync(One, claim);
            Expect.Equal(run.Token, claim.Token);
            Expect.Sequence(await AppendAsync(One, Fenced("1", claim.Token)), [At(run, 1)]);
            await end();

            Expect.Sequence(await AppendAsync(One, Fenced("late", claim.Token), Fenced("late", claim.Token)), [null, null], what);
            Expect.True(!TextsOf(await ReadAsync(Two)).Contains("late"), what);
        }
    }

    public async Task Append_StaleBesideOthersInOneCall_StopsNoOther()
    {
        var run = await ClaimAsync(One, Claim("a"));

        var positions = await AppendAsync(
            Two,
            Fenced("late", "b"),
            Message("1"),
            Elsewhere("elsewhere"),
            Fenced("2", "a"),
            Fenced("late", "b"),
            Elsewhere("late") with { RunToken = "a" },
            Message("3"));

        Expect.Sequence(
            positions,
            [null, At(run, 1), new(EpochOf(positions[2]), 1), At(run, 2), null, null, At(run, 3)]);
        Expect.Sequence(TextsOf(await ReadAsync(One)), ["1", "2", "3"]);
        Expect.Sequence(TextsOf((await ReadPagesAsync(One, Everything(OtherName)))[0]), ["elsewhere"]);
    }

    public async Task Append_StaleWithAnIdempotencyKey_NeitherLearnsNorTakesIt()
    {
        var run = await ClaimAsync(One, Lapsing("a") with { TakesOver = true });
        await AppendAsync(One, Keyed("1", "i") with { RunToken = "a" });
        await ClaimAsync(Two, Claim("b") with { TakesOver = true });

        Expect.Sequence(await AppendAsync(One, Keyed("1", "i") with { RunToken = "a" }), [null]);
        Expect.Sequence(
            await AppendAsync(One, Keyed("late", "j") with { RunToken = "a" }, Keyed("2", "j") with { RunToken = "b" }),
            [null, At(run, 2)]);
        Expect.Sequence(await AppendAsync(Two, Keyed("1", "i") with { RunToken = "b" }), [At(run, 1)]);

        // A list of another length would be an error, but this one is not looked at.
        await AppendAsync(Two, [.. List("l", "3", "4").Select(With("b"))]);
        Expect.Sequence(await AppendAsync(One, [.. List("l", "late").Select(With("a"))]), [null]);
        Expect.Sequence(TextsOf(await ReadAsync(Two)), ["1", "2", "3", "4"]);
    }

    public async Task Append_WhileTheRunIsTakenOver_NothingFollowsTheTakeover()
    {
        for (var round = 0; round < 10; round++)
        {
            var channel = $"{Name}/{round}";
            var (old, young) = ($"old {round}", $"young {round}");
            await ClaimAsync(One, Lapsing(old) with { Channel = channel, TakesOver = true });
            var appending = await BeginAppendingAsync(channel, old);

            var taken = await ClaimAsync(Two, Claim(young) with { Channel = channel, TakesOver = true });

            Expect.True(await appending <= taken.Newest, "the former owner appends nothing after the takeover");
        }
    }

    private static Func<EventStreamLogRecord, EventStreamLogRecord> With(string token) => record => record with { RunToken = token };
}
