namespace EventStream.Testing.Logs.Rules;

/// <summary>Leases: they are renewed, given up, and over when the owner has died.</summary>
internal sealed class LeaseRules : RunLogRules
{
    public async Task Renew_OfSeveralRuns_ReturnsThoseThatTheTokensHold()
    {
        var run = await ClaimAsync(One, Lapsing("a"));
        var other = await ClaimAsync(One, Lapsing("b") with { Channel = OtherName });
        await ClaimAsync(One, Claim("c") with { Channel = Name + "/over" });
        await InTime(((IEventStreamRunLog)One).EndRunAsync(Name + "/over", "c", EventStreamRunState.Complete, false, default).AsTask());

        var renewed = await RenewAsync(Two, Long, "a", "b", "c", "none");

        Expect.Sequence(
            renewed.OrderBy(each => each.Token).Select(each => (each.Channel, each.Token, each.Epoch, each.State, each.IsLeaseOver)),
            [
                (Name, "a", run.Epoch, EventStreamRunState.Running, false),
                (OtherName, "b", other.Epoch, EventStreamRunState.Running, false),
            ]);
        Expect.Equal((await ClaimAsync(Two, Claim("d"))).Token, "a", "its lease is not over any more");
        Expect.Sequence(await RenewAsync(Two, Long), []);
    }

    public async Task Renew_AfterATakeover_IsOnlyOfTheNewOwner()
    {
        await ClaimAsync(One, Lapsing("a") with { TakesOver = true });
        await ClaimAsync(Two, Claim("b") with { TakesOver = true });

        Expect.Sequence((await RenewAsync(One, Long, "a", "b")).Select(run => run.Token), ["b"]);
    }

    public async Task Renew_ForNoTime_GivesTheRunUp()
    {
        var run = await ClaimAsync(One, Claim("a") with { TakesOver = true });

        Expect.Sequence((await RenewAsync(One, TimeSpan.Zero, "a")).Select(each => (each.Token, each.IsLeaseOver)), [("a", true)]);

        ExpectRun(await ReadRunAsync(Two), EventStreamRunState.Running, "a", run.Epoch, isLeaseOver: true);
        Expect.Equal((await ClaimAsync(Two, Claim("b") with { TakesOver = true })).Token, "b");
    }

    public async Task ReadRuns_OfNamesOrAllThatRun_ReturnsThem()
    {
        string[] names = [Name, OtherName, Name + "/over", Name + "/none"];
        await AppendAsync(One, Message("x") with { Channel = Name + "/plain" });
        var running = await ClaimAsync(One, Claim("a"));
        var lapsed = await ClaimAsync(One, Lapsing("b") with { Channel = OtherName });
        await ClaimAsync(One, Claim("c") with { Channel = Name + "/over" });
        var over = await InTime(
            ((IEventStreamRunLog)One).EndRunAsync(Name + "/over", "c", EventStreamRunState.Failed, false, default).AsTask());

        Expect.Sequence((await ReadRunsAsync(Two, [.. names, Name + "/plain"])).OrderBy(run => run.Token), [running, lapsed, over!]);
        Expect.Sequence((await ReadRunsAsync(Two, null)).OrderBy(run => run.Token), [running, lapsed]);
        Expect.Sequence(await ReadRunsAsync(Two, Name + "/none"), []);
    }

    public async Task EndAbandoned_LeaseIsOver_EndsTheRunAfterItsPatience()
    {
        var held = await ClaimAsync(One, Claim("held"));
        var dead = await ClaimAsync(One, Lapsing("dead") with { Channel = Name + "/dead" });
        var waiting = await ClaimAsync(One, Lapsing("waiting") with { Channel = Name + "/waiting", TakesOver = true });
        await ClaimAsync(One, Claim("stopping") with { Channel = Name + "/stopping", TakesOver = true });
        await InTime(((IEventStreamRunLog)Two).RequestStopAsync(Name + "/stopping", null, default).AsTask());
        await RenewAsync(One, TimeSpan.Zero, "stopping");
        await using var reader = await ReadHintsAsync(One);

        var ended = await EndAbandonedAsync(Two, Long);

        Expect.Sequence(
            ended.OrderBy(run => run.Token).Select(run => (run.Token, run.State)),
            [("dead", EventStreamRunState.Failed), ("stopping", EventStreamRunState.Stopped)]);
        await reader.ReceiveAsync(Name + "/dead", newest: long.MaxValue);
        var page = (await ReadPagesAsync(One, Everything(Name + "/dead")))[0];
        Expect.Equal((page.Run, page.IsComplete, page.Epoch), (EventStreamRunState.Failed, true, dead.Epoch));
        Expect.Sequence(await EndAbandonedAsync(One, Long), []);
        Expect.Sequence((await ReadRunsAsync(One, null)).OrderBy(run => run.Token), [held, waiting]);

        Expect.Sequence(
            (await EndAbandonedAsync(Two, TimeSpan.Zero)).Select(run => (run.Token, run.State)),
            [("waiting", EventStreamRunState.Failed)]);
        Expect.Sequence(await ReadRunsAsync(One, null), [held]);
    }

    public async Task EndAbandoned_ByManyAtOnce_EndsEachRunOnce()
    {
        const int count = 30;
        for (var i = 0; i < count; i++) await ClaimAsync(One, Lapsing($"{i}") with { Channel = $"{Name}/{i}" });

        var ended = await AtOnceAsync(4, (node, _) => EndAbandonedAsync(node, Long));

        Expect.Sequence(
            ended.SelectMany(runs => runs).Select(run => run.Token).Order(StringComparer.Ordinal),
            Enumerable.Range(0, count).Select(i => $"{i}").Order(StringComparer.Ordinal));
    }
}
