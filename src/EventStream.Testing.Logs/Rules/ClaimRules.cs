namespace EventStream.Testing.Logs.Rules;

/// <summary>Claims: a run has one owner at a time.</summary>
internal sealed class ClaimRules : RunLogRules
{
    public async Task Claim_OfAChannelThatDoesNotExist_MakesItAndHoldsItsRun()
    {
        var run = await ClaimAsync(One, Claim("a"));

        Expect.Equal(run.Channel, Name);
        Expect.True(IsEpoch(run.Epoch), run.Epoch);
        Expect.True(run.Since > DateTimeOffset.UnixEpoch, $"{run.Since}");
        ExpectRun(run, EventStreamRunState.Running, "a", run.Epoch);
        var page = await ReadAsync(Two);
        ExpectPage(page, newest: 0);
        Expect.Equal((page.Epoch, page.Run), (run.Epoch, EventStreamRunState.Running));
        Expect.Sequence(await AppendAsync(One, Fenced("1", "a")), [At(run, 1)]);
    }

    public async Task Claim_OfARunThatAnotherHolds_ReturnsTheOwners()
    {
        var owned = await ClaimAsync(One, Claim("a") with { TakesOver = true });

        EventStreamRunClaim[] claims = [Claim("b"), Claim("c") with { TakesOver = true }, Claim("d") with { Restarts = true }];
        foreach (var claim in claims)
        {
            Expect.Equal(await ClaimAsync(Two, claim), owned);
        }
    }

    public async Task Claim_AgainWithTheSameToken_ReturnsTheRunAndRenewsItsLease()
    {
        var first = await ClaimAsync(One, Lapsing("a"));

        var second = await ClaimAsync(One, Claim("a"));

        ExpectRun(second, EventStreamRunState.Running, "a", first.Epoch);
        Expect.Equal(second.Since, first.Since);
        Expect.Equal((await ClaimAsync(Two, Claim("b"))).Token, "a");
    }

    public async Task Claim_ByManyOnThreeNodesAtOnce_HasOneOwner()
    {
        const int rounds = 40;
        IEventStreamLog[] nodes = [One, Two, await Store.OpenAsync()];
        for (var round = 0; round < rounds; round++)
        {
            var channel = $"{Name}/{round}";

            var runs = await AtOnceAsync(
                6, (_, i) => ClaimAsync(nodes[i % nodes.Length], Claim($"{round} {i}") with { Channel = channel, TakesOver = true }));

            Expect.Equal(runs.Select(run => run.Token).Distinct().Count(), 1, "all claims return the one owner's run");
            Expect.Equal(runs.Select(run => run.Epoch).Distinct().Count(), 1, "one run has one history");
        }
    }

    public async Task Claim_ByManyAtOnceWhenALeaseIsOver_HasOneOwner()
    {
        for (var round = 0; round < 20; round++)
        {
            var channel = $"{Name}/{round}";
            var first = await ClaimAsync(One, Lapsing($"{round}") with { Channel = channel, TakesOver = round % 2 == 0 });

            var runs = await AtOnceAsync(
                6, (node, i) => ClaimAsync(node, Claim($"{round} {i}") with { Channel = channel, TakesOver = true }));

            var owner = runs.Select(run => run.Token).Distinct().ToArray();
            Expect.Equal(owner.Length, 1, "all claims return the one owner's run");
            Expect.NotEqual(owner[0], $"{round}");
            Expect.True(runs.All(run => run.Epoch == first.Epoch == first.TakesOver), "only a takeover keeps the epoch");
        }
    }

    public async Task Claim_OfAChannelThatIsNotComplete_KeepsItsRecords()
    {
        await AppendAsync(One, Message("1"));

        var run = await ClaimAsync(Two, Claim("a"));

        ExpectRun(run, EventStreamRunState.Running, "a", Epoch, newest: 1);
        Expect.Sequence(await AppendAsync(Two, Fenced("2", "a")), [At(2)]);
        Expect.Sequence(TextsOf(await ReadAsync(One)), ["1", "2"]);
    }

    public async Task Claim_OfACompleteChannelWithoutARun_ReturnsThatItIsComplete()
    {
        await AppendAsync(One, Message("1"), End());

        var run = await ClaimAsync(Two, Claim("a"));

        ExpectRun(run, EventStreamRunState.Complete, token: null, Epoch, newest: 1);
        Expect.Sequence(await AppendAsync(Two, Fenced("2", "a")), [null]);
        ExpectPage(await ReadAsync(One), newest: 1, isComplete: true);
        Expect.Equal((await ReadAsync(One)).Run, null);
        Expect.NotEqual((await ClaimAsync(Two, Claim("c") with { Restarts = true })).Epoch, Epoch);
    }

    public async Task Claim_OfARunThatIsOver_ReturnsItUnlessItRestarts()
    {
        List<string> epochs = [];
        foreach (var state in (EventStreamRunState[])[EventStreamRunState.Complete, EventStreamRunState.Stopped])
        {
            var run = await ClaimAsync(One, Claim($"{state}") with { Restarts = true });
            await AppendAsync(One, Fenced("1", $"{state}"));
            var over = await EndAsync(One, $"{state}", state);
            epochs.Add(run.Epoch);

            Expect.Equal(await ClaimAsync(Two, Claim("b")), over);
            Expect.Equal(await ClaimAsync(Two, Claim("c") with { TakesOver = true }), over);
        }

        var again = await ClaimAsync(Two, Claim("e") with { Restarts = true });

        ExpectRun(again, EventStreamRunState.Running, "e", again.Epoch);
        Expect.Unique([.. epochs, again.Epoch], "each start is another history");
        await ExpectNewHistoryAsync(again);
    }

    public async Task Claim_ThatRestarts_ChangesTheOrigin()
    {
        var origin = (await ReadAsync(One)).Origin;
        await ClaimAsync(One, Claim("a"));
        await EndAsync(One, "a", EventStreamRunState.Complete);
        Expect.Equal((await ReadAsync(Two)).Origin, origin);

        await ClaimAsync(Two, Claim("b") with { Restarts = true });

        Expect.NotEqual((await ReadAsync(One)).Origin, origin);
    }

    public async Task Claim_OfARunThatHasFailed_BeginsANewHistory()
    {
        var first = await ClaimAsync(One, Claim("a"));
        await AppendAsync(One, Fenced("1", "a"));
        await EndAsync(One, "a", EventStreamRunState.Failed);

        var second = await ClaimAsync(Two, Claim("b"));

        ExpectRun(second, EventStreamRunState.Running, "b", second.Epoch);
        Expect.NotEqual(second.Epoch, first.Epoch);
        await ExpectNewHistoryAsync(second);
    }

    public async Task Claim_LeaseIsOverAndBothAgree_TakesTheRunOver()
    {
        var first = await ClaimAsync(One, Lapsing("a") with { TakesOver = true });
        await AppendAsync(One, Fenced("1", "a"));

        var second = await ClaimAsync(Two, Claim("b") with { TakesOver = true });

        ExpectRun(second, EventStreamRunState.Running, "b", first.Epoch, newest: 1);
        Expect.Equal((second.Since, second.TakesOver), (first.Since, true), "it is the same run");
        Expect.Sequence(await AppendAsync(Two, Fenced("2", "b")), [At(first, 2)]);
        Expect.Sequence(TextsOf(await ReadAsync(One)), ["1", "2"]);
    }

    public async Task Claim_LeaseIsOverAndNotBothAgree_BeginsANewHistory()
    {
        foreach (var (first, second) in ((bool, bool)[])[(false, false), (true, false), (false, true)])
        {
            var channel = $"{Name}/{first}/{second}";
            var dead = await ClaimAsync(One, Lapsing($"a {channel}") with { Channel = channel, TakesOver = first });
            await AppendAsync(One, Fenced("1", $"a {channel}") with { Channel = channel });

            var run = await ClaimAsync(Two, Claim($"b {channel}") with { Channel = channel, TakesOver = second });

            ExpectRun(run, EventStreamRunState.Running, $"b {channel}", run.Epoch);
            Expect.NotEqual(run.Epoch, dead.Epoch);
            Expect.Equal(run.TakesOver, second);
        }
    }

    public async Task Claim_LeaseIsOverAndItsStopWasRequested_FindsItStopped()
    {
        var run = await ClaimAsync(One, Claim("a") with { TakesOver = true });
        await RequestStopAsync(Two);
        await RenewAsync(One, TimeSpan.Zero, "a");

        ExpectRun(await ClaimAsync(Two, Claim("b") with { TakesOver = true }), EventStreamRunState.Stopped, "a", run.Epoch);

        await ExpectOverAsync(EventStreamRunState.Stopped);
    }

    public async Task Lease_ThatIsNotRenewed_IsOverByItself()
    {
        await ClaimAsync(One, Claim("a") with { Lease = TimeSpan.FromMilliseconds(200) });

        using var limit = new CancellationTokenSource(Store.WaitLimit);
        while (!(await ReadRunAsync(Two)).IsLeaseOver)
        {
            Expect.True(!limit.IsCancellationRequested, "a lease of 200 ms ends");
            await Task.Delay(20);
        }
    }

    private async Task ExpectNewHistoryAsync(EventStreamLogRun run)
    {
        foreach (var node in (IEventStreamLog[])[One, Two])
        {
            var page = await ReadAsync(node);
            Expect.Equal(
                (page.Epoch, page.Newest, page.Records.Count, page.IsComplete, page.Run),
                (run.Epoch, 0L, 0, false, EventStreamRunState.Running),
                "epoch, newest, records, complete, run");
        }
    }
}
