namespace EventStream.Testing.Logs.Rules;

/// <summary>Takeovers by a node that has joined a run: they begin none.</summary>
internal sealed class TakeOverRules : RunLogRules
{
    public async Task TakeOver_LeaseIsOver_HoldsTheRun()
    {
        var first = await ClaimAsync(One, Lapsing("a") with { TakesOver = true });
        await AppendAsync(One, Fenced("1", "a"));

        var second = await TakeOverAsync(Two, Claim("b"));

        ExpectRun(second, EventStreamRunState.Running, "b", first.Epoch, newest: 1);
        Expect.Equal((second!.Since, second.TakesOver), (first.Since, true), "it is the same run");
        Expect.Sequence(await AppendAsync(One, Fenced("2", "a")), [null]);
        Expect.Sequence(await AppendAsync(Two, Fenced("3", "b")), [At(first, 2)]);
    }

    public async Task TakeOver_RunIsHeldOrMayNotBeTakenOver_ChangesNothing()
    {
        var held = await ClaimAsync(One, Claim("a") with { TakesOver = true });
        Expect.Equal(await TakeOverAsync(Two, Claim("b")), held);
        await RequestStopAsync(One);
        await RenewAsync(One, TimeSpan.Zero, "a");
        ExpectRun(
            await TakeOverAsync(Two, Claim("b")),
            EventStreamRunState.Running,
            "a",
            held.Epoch,
            isStopRequested: true,
            isLeaseOver: true);

        var alone = await ClaimAsync(One, Lapsing("c") with { Channel = OtherName });
        Expect.Equal(await TakeOverAsync(Two, Claim("d") with { Channel = OtherName, TakesOver = true }), alone);
    }

    public async Task TakeOver_RunIsOver_BeginsNoOther()
    {
        foreach (var state in (EventStreamRunState[])[EventStreamRunState.Failed, EventStreamRunState.Complete])
        {
            var channel = $"{Name}/{state}";
            await ClaimAsync(One, Claim($"{state}") with { Channel = channel, TakesOver = true });
            var over = await InTime(((IEventStreamRunLog)One).EndRunAsync(channel, $"{state}", state, false, default).AsTask());

            Expect.Equal(await TakeOverAsync(Two, Claim("b") with { Channel = channel, TakesOver = true, Restarts = true }), over);
        }

        Expect.Equal(await TakeOverAsync(Two, Claim("b") with { Channel = Name + "/none", TakesOver = true }), null);
        Expect.Equal((await ReadPagesAsync(One, Everything(Name + "/none")))[0].Epoch, null);
    }
}
