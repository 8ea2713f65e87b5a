namespace EventStream.Testing.Logs.Rules;

/// <summary>The end of a run completes its channel in the same step; a stop is requested first.</summary>
internal sealed class RunEndRules : RunLogRules
{
    public async Task EndRun_ByItsOwner_CompletesTheChannelWithTheState()
    {
        EventStreamRunState[] states = [EventStreamRunState.Complete, EventStreamRunState.Stopped, EventStreamRunState.Failed];
        foreach (var state in states)
        {
            var run = await ClaimAsync(One, Claim($"{state}") with { Restarts = true });
            await AppendAsync(One, Fenced("1", $"{state}"));

            var over = await EndAsync(One, $"{state}", state);

            ExpectRun(over, state, $"{state}", run.Epoch, newest: 1);
            Expect.True(over!.Since >= run.Since, "it is since the end");
            Expect.Equal(await ReadRunAsync(Two), over);
            await ExpectOverAsync(state, newest: 1);
            Expect.Sequence(await AppendAsync(Two, Message("late")), [null]);
        }
    }

    public async Task EndRun_Again_ChangesNothing()
    {
        await ClaimAsync(One, Claim("a"));
        var over = await EndAsync(One, "a", EventStreamRunState.Complete);

        Expect.Equal(await EndAsync(One, "a", EventStreamRunState.Complete), over);
        Expect.Equal(await EndAsync(Two, "a", EventStreamRunState.Failed), over);
    }

    public async Task EndRun_OfARunThatHasFailed_EveryPageSaysWhetherItsReadersAreTold()
    {
        foreach (var areTold in (bool[])[true, false, true])
        {
            await ClaimAsync(One, Claim("a"));
            await AppendAsync(One, Fenced("1", "a"));
            await ExpectToldAsync(false);

            await EndAsync(One, "a", EventStreamRunState.Failed, areTold);

            await ExpectToldAsync(areTold);
            await EndAsync(Two, "a", EventStreamRunState.Failed, !areTold);
            await ExpectToldAsync(areTold);
        }
    }

    public async Task EndAbandoned_OfARunWhoseOwnerHasDied_ItsReadersAreNotTold()
    {
        await ClaimAsync(One, Claim("a"));
        await EndAsync(One, "a", EventStreamRunState.Failed, areReadersTold: true);
        await ClaimAsync(One, Lapsing("b"));

        await EndAbandonedAsync(Two, TimeSpan.Zero);

        await ExpectOverAsync(EventStreamRunState.Failed);
        await ExpectToldAsync(false);
    }

    public async Task EndRun_WithAStaleToken_ChangesNothing()
    {
        await ClaimAsync(One, Lapsing("a") with { TakesOver = true });
        var run = await ClaimAsync(Two, Claim("b") with { TakesOver = true });

        Expect.Equal(await EndAsync(One, "a", EventStreamRunState.Failed), run);

        Expect.Equal(await ReadRunAsync(Two), run);
        Expect.Equal((await ReadAsync(One)).IsComplete, false);
        Expect.Sequence(await AppendAsync(Two, Fenced("1", "b")), [At(run, 1)]);
    }

    public async Task EndRun_OfAChannelWithoutARun_IsNull()
    {
        Expect.Equal(await EndAsync(One, "a", EventStreamRunState.Complete), null);
        Expect.Equal((await ReadAsync(Two)).Epoch, null);
        await AppendAsync(One, Message("1"));

        Expect.Equal(await EndAsync(One, "a", EventStreamRunState.Complete), null);

        ExpectPage(await ReadAsync(Two), newest: 1);
    }

    public async Task EndRun_IsHintedAtToThoseWhoHaveEveryMessage()
    {
        await ClaimAsync(One, Claim("a"));
        await AppendAsync(One, Fenced("1", "a"));
        await using var reader = await ReadHintsAsync(Two);

        await EndAsync(One, "a", EventStreamRunState.Complete);

        await reader.ReceiveAsync(Name, newest: long.MaxValue);
    }

    public async Task Append_EndOfAChannelWhoseRunIsRunning_CompletesTheRun()
    {
        foreach (var isLeaseOver in (bool[])[false, true])
        {
            var token = $"{isLeaseOver}";
            var run = await ClaimAsync(One, Claim(token) with { TakesOver = true, Restarts = true });
            await AppendAsync(One, Fenced("1", token));
            await RequestStopAsync(One);
            if (isLeaseOver) await RenewAsync(One, TimeSpan.Zero, token);

            await AppendAsync(Two, End());

            var over = await ReadRunAsync(One);
            ExpectRun(over, EventStreamRunState.Complete, token, run.Epoch, newest: 1);
            Expect.True(over.Since >= run.Since, "it is since the end");
            await ExpectOverAsync(EventStreamRunState.Complete, newest: 1);
            await ExpectToldAsync(false);
            Expect.Sequence(await AppendAsync(One, Fenced("late", token)), [null]);
            Expect.Sequence(await RenewAsync(One, Long, token), []);
            Expect.Sequence(await EndAbandonedAsync(Two, TimeSpan.Zero), []);
            Expect.Sequence(await ReadRunsAsync(Two, null), []);
            Expect.Equal(await RequestStopAsync(Two), over);
            Expect.Equal(await EndAsync(One, token, EventStreamRunState.Failed, areReadersTold: true), over);
            Expect.Equal(await TakeOverAsync(One, Claim("next") with { Replaces = token }), over);
            Expect.Equal(await ClaimAsync(Two, Claim("other") with { TakesOver = true }), over);
            await ExpectOverAsync(EventStreamRunState.Complete, newest: 1);
        }
    }

    public async Task Append_EndWithAFencedMessageOrOtherChannels_CompletesTheRun()
    {
        await AppendAsync(One, Message("1") with { Channel = OtherName });
        var run = await ClaimAsync(One, Claim("a"));

        var positions = await AppendAsync(
            Two, Message("2") with { Channel = OtherName }, Fenced("1", "a"), Message("2"), End(), End() with { Channel = OtherName });

        Expect.Sequence(positions.Skip(1).Take(3), [At(run, 1), At(run, 2), At(run, 2)]);
        ExpectRun(await ReadRunAsync(One), EventStreamRunState.Complete, "a", run.Epoch, newest: 2);
        await ExpectOverAsync(EventStreamRunState.Complete, newest: 2);
        Expect.Equal((await ReadPagesAsync(One, Everything(OtherName)))[0].IsComplete, true);
    }

    public async Task Read_WhileARunEnds_ItsStateAndTheChannelsAreOfOneMoment()
    {
        for (var round = 0; round < 10; round++)
        {
            var token = $"{round}";
            await ClaimAsync(One, Claim(token) with { Restarts = true });
            using var limit = new CancellationTokenSource(Store.WaitLimit);
            var reading = AtOnceAsync(4, async (node, _) =>
            {
                EventStreamLogPage page;
                do
                {
                    page = await ReadAsync(node);
                    Expect.Equal(page.Run is EventStreamRunState.Complete, page.IsComplete, "a run that is over is of a complete channel");
                }
                while (!page.IsComplete && !limit.IsCancellationRequested);
                return page.IsComplete;
            });

            await EndAsync(One, token, EventStreamRunState.Complete);

            Expect.Sequence(await reading, [true, true, true, true], "the end is read");
        }
    }

    public async Task RequestStop_OfARunningRun_MarksItAndItsOwnerSeesThat()
    {
        var run = await ClaimAsync(One, Claim("a"));

        for (var i = 0; i < 2; i++)
        {
            var stopping = await RequestStopAsync(Two);
            ExpectRun(stopping, EventStreamRunState.Running, "a", run.Epoch, isStopRequested: true);
        }

        Expect.Equal((await RenewAsync(One, Long, "a"))[0].IsStopRequested, true);
        Expect.Equal((await ReadAsync(Two)).IsComplete, false);
        Expect.Sequence(await AppendAsync(One, Fenced("last", "a")), [At(run, 1)]);
        ExpectRun(await EndAsync(One, "a", EventStreamRunState.Stopped), EventStreamRunState.Stopped, "a", run.Epoch, newest: 1);
    }

    public async Task RequestStop_OfARunWhoseLeaseIsOver_StopsIt()
    {
        var run = await ClaimAsync(One, Lapsing("a") with { TakesOver = true });
        await AppendAsync(One, Fenced("1", "a"));
        await using var reader = await ReadHintsAsync(One);

        ExpectRun(await RequestStopAsync(Two), EventStreamRunState.Stopped, "a", run.Epoch, newest: 1);

        await ExpectOverAsync(EventStreamRunState.Stopped, newest: 1);
        await reader.ReceiveAsync(Name, newest: long.MaxValue);
    }

    public async Task RequestStop_OfARunThatIsOver_ChangesNothing()
    {
        await ClaimAsync(One, Claim("a"));
        var over = await EndAsync(One, "a", EventStreamRunState.Complete);

        Expect.Equal(await RequestStopAsync(Two), over);

        Expect.Equal(await ReadRunAsync(One), over);
        Expect.Equal((await ClaimAsync(One, Claim("b") with { Restarts = true })).IsStopRequested, false);
    }

    public async Task RequestStop_OfAChannelWithoutARun_IsNull()
    {
        Expect.Equal(await RequestStopAsync(One), null);
        Expect.Equal((await ReadAsync(Two)).Epoch, null);
        await AppendAsync(One, Message("1"), End());

        Expect.Equal(await RequestStopAsync(One), null);
    }

    public async Task RequestStop_OfAnotherEpoch_ChangesNothing()
    {
        var first = await ClaimAsync(One, Claim("a"));
        await EndAsync(One, "a", EventStreamRunState.Complete);
        var second = await ClaimAsync(One, Claim("b") with { Restarts = true });

        Expect.Equal(await RequestStopAsync(Two, first.Epoch), second);

        Expect.Equal(await ReadRunAsync(One), second);
        Expect.Equal((await RequestStopAsync(Two, second.Epoch))!.IsStopRequested, true);
    }

    private async Task ExpectToldAsync(bool areTold)
    {
        foreach (var node in (IEventStreamLog[])[One, Two])
        {
            Expect.Equal((await ReadAsync(node)).AreReadersTold, areTold, "whether the readers are told");
        }
    }
}
