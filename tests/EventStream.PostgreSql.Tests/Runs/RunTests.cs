using EventStream.PostgreSql.Retention;
using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Runs;

/// <summary>What runs on PostgreSQL owe beside the contract.</summary>
public sealed class RunTests(SharedServer server)
{
    [Fact(Timeout = 120_000)]
    public async Task Claim_OnThreeNodesAtOnceAThousandTimes_HasOneOwnerEach()
    {
        const int runs = 1000;
        var database = await server.CreateDatabaseAsync();
        LogNode[] nodes = [await LogNode.StartAsync(database), await LogNode.StartAsync(database), await LogNode.StartAsync(database)];

        var claims = await Task.WhenAll(Enumerable.Range(0, runs).Select(run => Task.WhenAll(
            nodes.Select((node, place) => Task.Run(() => ClaimAsync(node, $"answers/{run}", $"{run}/{place}")))))).OrFail();

        claims.Should().OnlyContain(each => each.Select(run => run.Token).Distinct().Count() == 1);
        (await nodes[0].ScalarAsync("SELECT count(*) FROM eventstream.run")).Should().Be((long)runs);
        foreach (var node in nodes) await node.DisposeAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task Renew_FiveHundredRuns_IsOneStatementAndWaitsForNoChannel()
    {
        var database = await server.CreateDatabaseAsync();
        await using var proxy = new CuttingProxy(database);
        await using var node = await LogNode.StartAsync(proxy.ConnectionString);
        await using var other = LogNode.Unprepared(database);
        string[] tokens = [.. Enumerable.Range(0, 500).Select(run => $"{run}")];
        await node.AppendAsync([.. tokens.Select(token => Message($"answers/{token}", "a"))]);
        foreach (var token in tokens) await ClaimAsync(node, $"answers/{token}", token);
        await RenewAsync(node, tokens);
        await using var held = await other.BeginAsync("SELECT FROM eventstream.channel FOR UPDATE");
        var before = proxy.RoundTrips;

        var renewed = await RenewAsync(node, tokens).OrFail();

        (proxy.RoundTrips - before).Should().BeLessThan(10, "no run has a statement of its own");
        renewed.Select(run => run.Token).Should().BeEquivalentTo(tokens);
        renewed.Should().OnlyContain(run => run.Newest == 1 && !run.IsLeaseOver);
    }

    [Fact(Timeout = 60_000)]
    public async Task Calls_ConnectionLostAtTheirCommit_HappenOnceAndReturn()
    {
        var database = await server.CreateDatabaseAsync();
        await using var proxy = new CuttingProxy(database);
        await using var node = await LogNode.StartAsync(proxy.ConnectionString);
        await using var other = await LogNode.StartAsync(database);
        proxy.Cut(commits: 1);
        var run = await ClaimAsync(node, "answer", "a").OrFail();
        run.Token.Should().Be("a");
        (await ClaimAsync(other, "answer", "b")).Should().Be(run);

        proxy.Cut(commits: 1);
        (await RenewAsync(node, "a").OrFail()).Should().ContainSingle();
        proxy.Cut(commits: 1);
        (await node.Log.RequestStopAsync("answer", null, CancellationToken.None).AsTask().OrFail())!.IsStopRequested.Should().BeTrue();
        proxy.Cut(commits: 1);
        var over = await node.Log.EndRunAsync("answer", "a", EventStreamRunState.Stopped, false, CancellationToken.None).AsTask().OrFail();

        over!.State.Should().Be(EventStreamRunState.Stopped);
        (await ClaimAsync(other, "answer", "c")).Should().Be(over);
        node.Database.Fault.Should().BeNull();
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_WithTokens_IsOneRoundTripUnlessSomeMayBeRefused()
    {
        await using var proxy = new CuttingProxy(await server.CreateDatabaseAsync());
        await using var node = await LogNode.StartAsync(proxy.ConnectionString, time: new FakeTime());
        foreach (var channel in (string[])["a", "b"]) await ClaimAsync(node, channel, $"token of {channel}");
        foreach (var _ in Enumerable.Range(0, 4)) await AppendAsync("token of a");
        foreach (var _ in Enumerable.Range(0, 4)) await AppendAsync("stale");

        (await RoundTripsAsync("token of a")).Should().Be(1);
        (await RoundTripsAsync(null)).Should().Be(2, "records of one channel differ in their tokens");
        (await RoundTripsAsync("stale")).Should().Be(2, "records of one channel differ in their tokens");

        async Task<int> RoundTripsAsync(string? token)
        {
            var before = proxy.RoundTrips;
            await AppendAsync(token);
            return proxy.RoundTrips - before;
        }

        Task AppendAsync(string? token) => node.AppendAsync(
            Message("a", "1") with { RunToken = token },
            Message("a", "2") with { RunToken = "token of a" },
            Message("b", "3") with { RunToken = "token of b" },
            Message("c", "4"));
    }

    [Fact(Timeout = 60_000)]
    public async Task Sweep_ChannelOfARun_StaysWhileItRunsAndTakesItsRunAlong()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await ClaimAsync(node, "answer", "a");
        await SweepAsync(channels: 0);
        (await node.ScalarAsync("SELECT count(*) FROM eventstream.run")).Should().Be(1L);

        await node.Log.EndRunAsync("answer", "a", EventStreamRunState.Complete, false, CancellationToken.None);
        await SweepAsync(channels: 1);

        (await node.ScalarAsync("SELECT count(*) FROM eventstream.run")).Should().Be(0L);

        async Task SweepAsync(int channels)
        {
            await node.ExecuteAsync("UPDATE eventstream.channel SET changed_at = '2001-01-01'");
            (await new RetentionSweep(node.Database).RunAsync(CancellationToken.None)).Channels.Should().Be(channels);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Claim_ThatRestarts_LeavesNothingOfTheFormerHistory()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await ClaimAsync(node, "answer", "a");
        await node.AppendAsync([.. Enumerable.Range(0, 50).Select(_ => Message("answer", "x") with { RunToken = "a" })]);
        await node.AppendAsync(Message("news", "stays"));
        await node.Log.EndRunAsync("answer", "a", EventStreamRunState.Failed, false, CancellationToken.None);

        await ClaimAsync(node, "answer", "b");

        (await node.ScalarAsync("SELECT count(*) FROM eventstream.message")).Should().Be(1L);
        (await node.ScalarAsync("SELECT count(*) FROM eventstream.run")).Should().Be(1L);
        (await node.ScalarAsync("SELECT count(*) FROM eventstream.channel")).Should().Be(2L);
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_WaitingForAChannelThatARunRestarts_GoesToTheNewHistoryWithoutAToken()
    {
        var database = await server.CreateDatabaseAsync();
        await using var node = await LogNode.StartAsync(database);
        await using var other = await LogNode.StartAsync(database);
        await ClaimAsync(node, "answer", "a");
        await node.Log.EndRunAsync("answer", "a", EventStreamRunState.Failed, false, CancellationToken.None);
        var held = await node.BeginAsync("SELECT FROM eventstream.channel FOR UPDATE");
        var claiming = ClaimAsync(node, "answer", "b");
        await UntilWaitingForALockAsync(1);
        var appending = other.AppendAsync(Message("answer", "late") with { RunToken = "a" }, Message("answer", "any"));
        await UntilWaitingForALockAsync(2);

        await held.DisposeAsync();

        var run = await claiming.OrFail();
        (await appending.OrFail()).Should().Equal([null, new EventStreamPosition(run.Epoch, 1)]);
        (await node.ReadAsync("answer")).Texts().Should().Equal("any");

        Task UntilWaitingForALockAsync(long sessions) => Soon.Until(
            () => (long)node.ScalarAsync(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Result!
                == sessions,
            $"{sessions} sessions that wait for a lock");
    }

    [Fact(Timeout = 60_000)]
    public async Task Claims_OfAChannelThatIsLocked_DoNotDelayRenewals()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await ClaimAsync(node, "one", "a");
        await ClaimAsync(node, "two", "b");
        var held = await node.BeginAsync("SELECT FROM eventstream.channel WHERE name = 'one' FOR UPDATE");
        Task<EventStreamLogRun>[] claiming = [.. Enumerable.Range(0, 5).Select(i => ClaimAsync(node, "one", $"{i}"))];

        (await RenewAsync(node, "a", "b").OrFail()).Should().HaveCount(2);

        await held.DisposeAsync();
        (await Task.WhenAll(claiming).OrFail()).Should().OnlyContain(run => run.Token == "a");
    }

    [Fact(Timeout = 60_000)]
    public async Task Runs_InARestoredDump_GoOnUnderANewEpoch()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        var before = await ClaimAsync(node, "answer", "a");
        await node.RestoreAsync();

        var renewed = (await RenewAsync(node, "a")).Should().ContainSingle().Subject;

        renewed.Epoch.Should().NotBe(before.Epoch);
        (await node.AppendAsync(Message("answer", "1") with { RunToken = "a" })).Should().Equal(new EventStreamPosition(renewed.Epoch, 1));
    }

    [Fact(Timeout = 60_000)]
    public async Task Claim_NameThatCannotBeStored_IsRejectedAndTheDatabaseIsWell()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());

        var claim = () => ClaimAsync(node, "a\0b", "a");

        (await claim.Should().ThrowAsync<EventStreamLogException>().WithMessage("*NUL*")).Which.IsTransient.Should().BeFalse();
        node.Database.Fault.Should().BeNull();
    }

    [Fact(Timeout = 60_000)]
    public async Task Calls_TableCannotBeReached_FailAndTheHealthSaysSo()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.ExecuteAsync("ALTER TABLE eventstream.run RENAME TO gone");
        Func<Task>[] calls =
        [
            () => ClaimAsync(node, "answer", "a"),
            () => RenewAsync(node, "a"),
            () => node.Log.EndRunAsync("answer", "a", EventStreamRunState.Complete, false, CancellationToken.None).AsTask(),
            () => node.Log.RequestStopAsync("answer", null, CancellationToken.None).AsTask(),
            () => node.Log.ReadRunsAsync(null, CancellationToken.None).AsTask(),
            () => node.Log.EndAbandonedRunsAsync(TimeSpan.Zero, CancellationToken.None).AsTask(),
        ];

        foreach (var call in calls) await call.Should().ThrowAsync<EventStreamLogException>().WithMessage("*tables do not exist*");

        node.Database.Fault.Should().Contain("tables do not exist");
        await node.ExecuteAsync("ALTER TABLE eventstream.gone RENAME TO run");
        (await ClaimAsync(node, "answer", "a")).Token.Should().Be("a");
        node.Database.Fault.Should().BeNull();
    }

    [Fact(Timeout = 60_000)]
    public async Task Runs_ThroughAPoolerInTransactionMode_AreClaimedRenewedAndEnded()
    {
        await using var pooler = await PgBouncer.StartAsync(await server.CreateDatabaseAsync(), "transaction");
        await using var node = await LogNode.StartAsync(pooler.ConnectionString);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async run =>
        {
            var (channel, token) = ($"answers/{run}", $"{run}");
            (await ClaimAsync(node, channel, token)).Token.Should().Be(token);
            (await node.AppendAsync(Message(channel, "1") with { RunToken = token })).Should().NotContainNulls();
            (await RenewAsync(node, token)).Should().ContainSingle();
            var over = await node.Log.EndRunAsync(channel, token, EventStreamRunState.Complete, false, CancellationToken.None);
            over!.Newest.Should().Be(1);
        })).OrFail();

        node.Database.Fault.Should().BeNull();
    }

    private static Task<EventStreamLogRun> ClaimAsync(LogNode node, string channel, string token) => node.Log.ClaimRunAsync(
        new() { Channel = channel, Token = token, Node = "node", Lease = TimeSpan.FromHours(1) }, CancellationToken.None).AsTask();

    private static Task<IReadOnlyList<EventStreamLogRun>> RenewAsync(LogNode node, params string[] tokens) =>
        node.Log.RenewRunsAsync(tokens, TimeSpan.FromHours(1), CancellationToken.None).AsTask();
}
