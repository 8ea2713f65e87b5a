using System.Runtime.CompilerServices;
using System.Transactions;
using EventStream.PostgreSql.Tests.Chaos;
using Npgsql;
using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Outbox;

/// <summary>
/// How a node detects the commit of a transaction in which it has published. The clock moves only when the test advances it.
/// </summary>
public sealed class CommitWatchTests(SharedServer server)
{
    private const string OutboxLock = "SELECT pg_advisory_xact_lock(hashtextextended('EventStream.PostgreSql/eventstream/outbox', 0))";
    private static readonly TimeSpan PollInterval = new PostgreSqlLogOptions().PollInterval;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    [Fact(Timeout = 60_000)]
    public async Task Commit_OfThisNode_IsMovedLongBeforeThePoll()
    {
        var time = new FakeTime();
        await using var node = await StartAsync(await server.CreateDatabaseAsync(), time);

        for (var i = 1; i <= 3; i++)
        {
            await node.PublishAsync(Message("orders", $"{i}"));
            await UntilNewestAsync(node, time, i);
        }

        await UntilAsync(node, time, () => node.Transactions.Ids().Length == 0);
        time.Elapsed.Should().BeLessThan(PollInterval);
    }

    [Fact(Timeout = 60_000)]
    public async Task Commit_InATransaction_NotifiesNoNode()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await using var listening = await node.OpenAsync();
        List<(int Process, string Text)> heard = [];
        listening.Notification += (_, notification) => heard.Add((notification.PID, notification.Payload));
        await using (var listen = new NpgsqlCommand("LISTEN eventstream", listening)) await listen.ExecuteNonQueryAsync();
        await using var connection = await node.OpenAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await node.PublishAsync(Message("orders", "a"), transaction);
            await node.PublishTogetherAsync([Message("orders", "b"), Message("orders", "c")], transaction);
            await transaction.CommitAsync();
        }

        await node.Sequencer.MoveAllAsync(CancellationToken.None);
        while (heard.Count == 0) await listening.WaitAsync();

        // Notifications arrive in the order of the commits, so a notification of the transaction would be the first.
        heard.Should().ContainSingle().Which.Text.Should().Be("3 orders\n");
        heard[0].Process.Should().NotBe(connection.ProcessID);
    }

    [Fact(Timeout = 60_000)]
    public async Task Rollback_IsNoticedAndDropped()
    {
        var time = new FakeTime();
        await using var node = await StartAsync(await server.CreateDatabaseAsync(), time);
        await using var connection = await node.OpenAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await node.PublishAsync(Message("orders", "a"), transaction);
        }

        node.Transactions.Ids().Should().ContainSingle();

        await UntilAsync(node, time, () => node.Transactions.Ids().Length == 0);

        time.Elapsed.Should().BeLessThan(PollInterval);
        (await node.ReadAsync("orders")).Newest.Should().Be(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task Savepoint_IsOfItsTransactionAndWhatItTakesBackIsNotPublished()
    {
        var time = new FakeTime();
        await using var node = await StartAsync(await server.CreateDatabaseAsync(), time);
        await using var connection = await node.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await transaction.SaveAsync("one");
        await node.PublishAsync(Message("orders", "a"), transaction);
        await transaction.RollbackAsync("one");
        await transaction.SaveAsync("two");
        await node.PublishAsync(Message("orders", "b"), transaction);
        await transaction.ReleaseAsync("two");
        node.Transactions.Ids().Should().ContainSingle("the commit is that of the whole");

        await transaction.CommitAsync();
        await UntilNewestAsync(node, time, 1);

        time.Elapsed.Should().BeLessThan(PollInterval);
        (await node.ReadAsync("orders")).Texts().Should().Equal("b");
    }

    [Fact(Timeout = 60_000)]
    public async Task Publish_BesideATransactionScope_IsOutsideIt()
    {
        var time = new FakeTime();
        await using var node = await StartAsync(await server.CreateDatabaseAsync(), time);
        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await node.PublishAsync(Message("orders", "a"));
            await UntilNewestAsync(node, time, 1);
        }

        time.Elapsed.Should().BeLessThan(PollInterval);
        (await node.ReadAsync("orders")).Texts().Should().Equal("a");
    }

    [Fact(Timeout = 120_000)]
    public async Task Prepare_ForTwoPhases_IsAllowedAndItsCommitNoticed()
    {
        await using var own = await PostgreSqlServer.CreateAsync();
        await using (var admin = NpgsqlDataSource.Create(own.ConnectionString + ";Pooling=false"))
        {
            await using var allow = admin.CreateCommand("ALTER SYSTEM SET max_prepared_transactions = 5");
            await allow.ExecuteNonQueryAsync();
        }

        await own.RestartAsync();
        var time = new FakeTime();
        await using var node = await StartAsync(await own.CreateDatabaseAsync(), time);
        await using (var connection = await node.OpenAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await node.PublishAsync(Message("orders", "a"), transaction);

            // The server refuses this to a transaction that has notified.
            await using var prepare = new NpgsqlCommand("PREPARE TRANSACTION 'order'", connection);
            await prepare.ExecuteNonQueryAsync();
        }

        for (var i = 0; i < 20; i++) await time.AdvanceAsync(Step);
        node.Transactions.Ids().Should().ContainSingle("it has not ended");
        await node.ExecuteAsync("COMMIT PREPARED 'order'");
        await UntilNewestAsync(node, time, 1);

        time.Elapsed.Should().BeLessThan(PollInterval);
    }

    [Fact(Timeout = 60_000)]
    public async Task Transaction_OpenForLongerThanThePollInterval_IsLeftToThePoll()
    {
        var time = new FakeTime();
        await using var node = await StartAsync(await server.CreateDatabaseAsync(), time);
        await using var connection = await node.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await node.PublishAsync(Message("orders", "a"), transaction);

        await UntilAsync(node, time, () => node.Transactions.Ids().Length == 0);
        time.Elapsed.Should().BeGreaterThanOrEqualTo(PollInterval);
        await transaction.CommitAsync();
        await UntilNewestAsync(node, time, 1);

        time.Elapsed.Should().BeLessThan(3 * PollInterval);
    }

    [Fact(Timeout = 60_000)]
    public async Task Transaction_OfAnotherHistory_IsNoFailure()
    {
        var time = new FakeTime();
        await using var node = await StartAsync(await server.CreateDatabaseAsync(), time);

        node.Transactions.Add(ulong.MaxValue / 4);
        await node.PublishAsync(Message("orders", "a"));
        await UntilNewestAsync(node, time, 1);

        await UntilAsync(node, time, () => node.Transactions.Ids().Length == 1);
        time.Elapsed.Should().BeLessThan(PollInterval);
        node.Transactions.Ids().Should().Equal(ulong.MaxValue / 4);
        node.Database.Availability.Failure.Should().BeNull();
        node.Logs.Of(1).Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task IdleNode_AfterATransaction_AsksNoMoreThanBefore()
    {
        var time = new FakeTime();
        await using var proxy = new CuttingProxy(await server.CreateDatabaseAsync());
        await using var node = await StartAsync(proxy.ConnectionString, time);
        (await TimeOfAsync(proxy, time, roundTrips: 20))
            .Should().BeGreaterThan(9 * PollInterval, "a poll asks for the rows, and gives back the lock");

        await node.PublishAsync(Message("orders", "a"));
        await UntilNewestAsync(node, time, 1);
        await UntilAsync(node, time, () => node.Transactions.Ids().Length == 0);

        (await TimeOfAsync(proxy, time, roundTrips: 20)).Should().BeGreaterThan(9 * PollInterval);
    }

    [Fact(Timeout = 60_000)]
    public async Task IdleNode_WhileAnotherNodeMoves_AsksOnlyAtEachPoll()
    {
        var time = new FakeTime();
        var database = await server.CreateDatabaseAsync();
        await using var other = await LogNode.StartAsync(database);
        await using var proxy = new CuttingProxy(database);
        await using var node = await StartAsync(proxy.ConnectionString, time);
        await using var moving = await other.BeginAsync(OutboxLock);
        await other.PublishAsync(Message("orders", "a"));

        (await TimeOfAsync(proxy, time, roundTrips: 30))
            .Should().BeGreaterThanOrEqualTo(9 * PollInterval, "a poll also asks who has the lock");
    }

    [Fact(Timeout = 60_000)]
    public async Task Commit_WhileAnotherNodeMoves_IsMovedSoonAfterwards()
    {
        var time = new FakeTime();
        var database = await server.CreateDatabaseAsync();
        await using var other = await LogNode.StartAsync(database);
        await using var node = await StartAsync(database, time);
        await using (await other.BeginAsync(OutboxLock))
        {
            await node.PublishAsync(Message("orders", "a"));
            await UntilAsync(node, time, () => node.Transactions.Ids().Length == 0);

            // Until the first attempt to move has ended.
            await time.AdvanceAsync(TimeSpan.FromMilliseconds(50));
        }

        await UntilNewestAsync(node, time, 1);

        time.Elapsed.Should().BeLessThan(PollInterval);
    }

    [Fact(Timeout = 120_000)]
    public async Task Node_KilledBetweenTheCommitAndTheMove_IsStoodInForByAnother()
    {
        var time = new FakeTime();
        var database = await server.CreateDatabaseAsync();
        await using var other = await StartAsync(database, time);
        await using (await other.BeginAsync(OutboxLock))
        {
            using var killed = await NodeProcess.StartAsync(database, lifetime: 600);
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = killed.Address };
            using var answer = await client.PostAsync(new Uri("/orders/7", UriKind.Relative), null);
            answer.EnsureSuccessStatusCode();
        }

        (await other.ScalarAsync("SELECT count(*) FROM eventstream.outbox")).Should().Be(1L);
        await UntilNewestAsync(other, time, 1, "durable");

        time.Elapsed.Should().BeLessThan(2 * PollInterval);
        (await other.ReadAsync("durable")).Texts().Should().Equal("data: 7\n\n");
    }

    private static async Task<LogNode> StartAsync(string database, FakeTime time)
    {
        var node = await LogNode.StartAsync(database, time: time);
        await node.StartSequencerAsync(time);
        return node;
    }

    /// <summary>Measures on the fake clock how long a node takes for a number of round trips to the database.</summary>
    private static async Task<TimeSpan> TimeOfAsync(CuttingProxy proxy, FakeTime time, int roundTrips)
    {
        var (end, start) = (proxy.RoundTrips + roundTrips, time.Elapsed);
        await Soon.Until(() =>
        {
            if (proxy.RoundTrips >= end) return true;
            time.Advance(PollInterval / 40);
            return false;
        });
        return time.Elapsed - start;
    }

    private static Task UntilNewestAsync(LogNode node, FakeTime time, long newest, string channel = "orders") =>
        UntilAsync(node, time, () => node.ReadAsync(channel).Result.Newest == newest);

    private static Task UntilAsync(
        LogNode node, FakeTime time, Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        node.AdvanceUntilAsync(time, Step, condition, what);
}
