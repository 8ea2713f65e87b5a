using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Outbox;
using Npgsql;
using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Outbox;

public sealed class SequencerTests(SharedServer server)
{
    [Fact(Timeout = 60_000)]
    public async Task Move_ToAChannelThatIsDroppedWhileTheLocksAreWaitedFor_LosesNothing()
    {
        var database = await server.CreateDatabaseAsync();
        await using var node = await LogNode.StartAsync(database);
        await using var other = await LogNode.StartAsync(database);
        await other.MakeAsync("first");
        await other.MakeAsync("forgotten");
        await node.PublishAsync(Message("first", "a"), Message("forgotten", "b"));
        await using var connection = await other.OpenAsync();
        await using var holding = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("SELECT FROM eventstream.channel WHERE name = 'first' FOR UPDATE", connection))
        {
            await hold.ExecuteNonQueryAsync();
        }


        var moving = node.Sequencer.MoveAllAsync(CancellationToken.None);
        await other.UntilAnotherWaitsForALockAsync();
        await other.ExecuteAsync("DELETE FROM eventstream.channel WHERE name = 'forgotten'");
        await holding.CommitAsync();
        await moving.Invoking(task => task).Should().ThrowAsync<EventStreamLogException>();
        await node.Sequencer.MoveAllAsync(CancellationToken.None);

        (await other.ReadAsync("first")).Texts().Should().Equal("a");
        (await other.ReadAsync("forgotten")).Texts().Should().Equal("b");
    }

    [Fact(Timeout = 60_000)]
    public async Task Transaction_BeforeItsCommit_HasPublishedNothing()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await using var connection = await node.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();

        await node.PublishAsync(Message("orders", "a"), transaction);
        await node.Sequencer.MoveAllAsync(CancellationToken.None);
        (await node.ReadAsync("orders")).Epoch.Should().BeNull();

        await transaction.CommitAsync();
        await node.Sequencer.MoveAllAsync(CancellationToken.None);
        (await node.ReadAsync("orders")).Texts().Should().Equal("a");
        (await node.ScalarAsync("SELECT count(*) FROM eventstream.outbox")).Should().Be(0L);
    }

    [Fact(Timeout = 60_000)]
    public async Task Move_AllThatARecordHas_IsInTheLog()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        var metadata = new EventStreamMetadata { Key = "k", User = "u", Sender = "s", Tag = "t", IdempotencyKey = "i" };
        await node.AppendAsync(Message("orders", "old", new() { Key = "k", User = "u" }));

        await node.PublishAsync(
            Message("orders", "new", metadata, replaces: true) with { Event = "e" },
            Message("orders", "again", new() { IdempotencyKey = "i" }),
            Message("orders", "plain"));
        await node.Sequencer.MoveAllAsync(CancellationToken.None);

        var page = await node.ReadAsync("orders");
        page.Texts().Should().Equal("new", "plain");
        page.Records[0].Should().BeEquivalentTo(new { Event = "e", Metadata = metadata with { IdempotencyKey = null } });
        page.Records[1].Metadata.Should().BeNull();
    }

    [Fact(Timeout = 120_000)]
    public async Task Transactions_AThousandOfWhichAThirdAreRolledBack_ExactlyTheCommittedInTheOrderOfEach()
    {
        var database = await server.CreateDatabaseAsync();
        await using var one = await LogNode.StartAsync(database, new() { PollInterval = TimeSpan.FromMilliseconds(100) });
        await using var two = await LogNode.StartAsync(database, new() { PollInterval = TimeSpan.FromMilliseconds(100) });
        await one.Sequencer.StartAsync(CancellationToken.None);
        await two.Sequencer.StartAsync(CancellationToken.None);
        await using var business = NpgsqlDataSource.Create(database);
        await using (var table = business.CreateCommand("CREATE TABLE change (number int PRIMARY KEY)")) await table.ExecuteNonQueryAsync();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(() => WorkAsync(worker)))).OrFail();

        EventStreamLogPage page;
        do page = await one.ReadAsync("changes");
        while (page.Newest < 666 * 3 || await one.ScalarAsync("SELECT count(*) FROM eventstream.outbox") is not 0L);
        page.Sequences().Should().Equal(Numbers(666 * 3));
        var told = page
            .Texts()
            .Select(text => text.Split(' '))
            .GroupBy(parts => int.Parse(parts[0]), parts => parts[1])
            .ToDictionary(parts => parts.Key, string.Concat);
        told.Values.Should().OnlyContain(parts => parts == "abc");
        told.Keys.Should().BeEquivalentTo(Enumerable.Range(0, 1000).Where(IsCommitted));
        ((int[])(await one.ScalarAsync("SELECT array_agg(number) FROM change"))!).Should().BeEquivalentTo(told.Keys);

        async Task WorkAsync(int worker)
        {
            await using var connection = await business.OpenConnectionAsync();
            for (var number = worker; number < 1000; number += 8)
            {
                await using var transaction = await connection.BeginTransactionAsync();
                await using (var change = new NpgsqlCommand(
                    $"INSERT INTO change VALUES ({number}); SELECT pg_sleep(random() * 0.005)",
                    connection,
                    transaction)) await change.ExecuteNonQueryAsync();
                foreach (var part in "abc") await one.PublishAsync(Message("changes", $"{number} {part}"), transaction);
                if (IsCommitted(number)) await transaction.CommitAsync();
                else await transaction.RollbackAsync();
            }
        }

        static bool IsCommitted(int number) => number % 3 != 0;
    }

    [Fact(Timeout = 60_000)]
    public async Task Transaction_HeldOpen_DelaysNoOther()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await using var connection = await node.OpenAsync();
        await using var held = await connection.BeginTransactionAsync();
        await node.PublishAsync(Message("orders", "held"), held);

        await node.PublishAsync(Message("orders", "a"));
        await node.AppendAsync(Message("orders", "b"));
        await node.Sequencer.MoveAllAsync(CancellationToken.None).OrFail();
        (await node.ReadAsync("orders")).Texts().Should().Equal("b", "a");

        await held.CommitAsync();
        await node.Sequencer.MoveAllAsync(CancellationToken.None);
        (await node.ReadAsync("orders")).Texts().Should().Equal("b", "a", "held");
    }

    [Fact(Timeout = 60_000)]
    public async Task PollInterval_OfAnotherNode_FindsWhatWasCommitted()
    {
        var time = new FakeTime();
        var database = await server.CreateDatabaseAsync();
        await using var publisher = await LogNode.StartAsync(database);
        await using var node = await LogNode.StartAsync(database, time: time);
        await node.StartSequencerAsync(time);
        await publisher.PublishAsync(Message("orders", "a"));

        while ((await node.ReadAsync("orders")).Newest == 0) await time.AdvanceAsync(TimeSpan.FromSeconds(2));

        (await node.ReadAsync("orders")).Texts().Should().Equal("a");
    }

    [Fact(Timeout = 60_000)]
    public async Task Move_WhileAnotherNodeHasTheLock_ReportsItAndMovesNothing()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: new FakeTime());
        await node.PublishAsync(Message("orders", "a"));
        await using var connection = await node.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var other = new NpgsqlCommand(
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
            connection) { Parameters = { new() { Value = new NodeLock(node.Database, "outbox").Name } } })
        {
            await other.ExecuteNonQueryAsync();
        }

        (await new OutboxMove(node.Database, node.Moved).RunAsync(1000, CancellationToken.None)).Should().BeNull();
        (await node.Sequencer.MoveAllAsync(CancellationToken.None).OrFail()).Should().BeFalse();
        (await node.ReadAsync("orders")).Newest.Should().Be(0);
        await transaction.RollbackAsync();

        (await node.Sequencer.MoveAllAsync(CancellationToken.None).OrFail()).Should().BeTrue();
        (await node.ReadAsync("orders")).Texts().Should().Equal("a");
    }

    [Fact(Timeout = 60_000)]
    public async Task Move_ToACompletedChannel_IsDroppedWithOneWarning()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.AppendAsync(Message("run", "a"), End("run"));

        await node.PublishAsync(Message("run", "late"), Message("run", "later"), Message("orders", "b"));
        await node.Sequencer.MoveAllAsync(CancellationToken.None);

        (await node.ReadAsync("run")).Texts().Should().Equal("a");
        (await node.ReadAsync("orders")).Texts().Should().Equal("b");
        node.Logs.Of(5).Should().ContainSingle().Which.Should().Contain("run");
    }

    [Fact(Timeout = 60_000)]
    public async Task Move_RowThatTheDatabaseRefuses_StaysWithTheReasonAndDelaysNoOther()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.ExecuteAsync("ALTER TABLE eventstream.message ADD CONSTRAINT no_bombs CHECK (sender <> 'bomb')");
        EventStreamLogRecord[] records = [.. Enumerable.Range(0, 21)
            .Select(i => Message("orders", $"{i}", new() { Sender = i is 7 or 8 ? "bomb" : "fine" }))];

        await node.PublishAsync(records);
        await node.Sequencer.MoveAllAsync(CancellationToken.None);

        (await node.ReadAsync("orders")).Texts().Should().Equal(Enumerable.Range(0, 21).Where(i => i is not (7 or 8)).Select(i => $"{i}"));
        (await node.ScalarAsync("SELECT string_agg(refused, ' ') FROM eventstream.outbox")).Should().BeOfType<string>()
            .Which.Split("no_bombs").Should().HaveCount(3);
        node.Logs.Of(6).Should().HaveCount(2);

        await node.ExecuteAsync("ALTER TABLE eventstream.message DROP CONSTRAINT no_bombs; UPDATE eventstream.outbox SET refused = NULL");
        await node.Sequencer.MoveAllAsync(CancellationToken.None);
        (await node.ReadAsync("orders", after: 19)).Texts().Should().Equal("7", "8");
    }

    [Theory(Timeout = 120_000)]
    [InlineData("10")]
    [InlineData("2")]
    [InlineData("1")]
    public async Task Move_EveryFewRowsRejected_LeavesThoseAndMovesTheOthersInAFewTriesEach(string every)
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.ExecuteAsync(
            """
            CREATE SEQUENCE tries;
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no bombs'' USING ERRCODE = ''EV001''; END';
            CREATE FUNCTION count_try() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM nextval(''tries''); RETURN NULL; END';
            CREATE TRIGGER count_try BEFORE INSERT ON eventstream.message FOR EACH STATEMENT EXECUTE FUNCTION count_try();
            CREATE TRIGGER fail BEFORE INSERT ON eventstream.message FOR EACH ROW WHEN (new.sender = 'bomb') EXECUTE FUNCTION fail();
            """);
        bool IsBad(int i) => i % int.Parse(every) == 0;
        await node.PublishAsync(
            [.. Enumerable.Range(0, 100).Select(i => Message("orders", $"{i}", new() { Sender = IsBad(i) ? "bomb" : "fine" }))]);

        await node.Sequencer.MoveAllAsync(CancellationToken.None);

        var expected = Enumerable.Range(0, 100).Where(i => !IsBad(i)).Select(i => $"{i}").ToArray();
        (await node.ReadAsync("orders")).Texts().Should().Equal(expected);
        (await node.ScalarAsync("SELECT count(*) FROM eventstream.outbox WHERE refused IS NOT NULL")).Should().Be(100L - expected.Length);
        (await node.ScalarAsync("SELECT last_value FROM tries")).Should().BeOfType<long>()
            .Which.Should().BeLessThanOrEqualTo(Math.Min(170, 2 + (2 * 7 * (100 - expected.Length))));
    }

    [Fact(Timeout = 60_000)]
    public async Task Move_ARightIsMissing_KeepsTheRowsUntilItIsGranted()
    {
        var database = await server.CreateDatabaseAsync();
        await using var owner = await LogNode.StartAsync(database);
        var role = $"app_{Guid.NewGuid():N}";
        await owner.ExecuteAsync(
            $"CREATE ROLE {role} LOGIN PASSWORD 'secret'; GRANT USAGE ON SCHEMA eventstream TO {role}; "
            + $"GRANT ALL ON ALL TABLES IN SCHEMA eventstream TO {role}; REVOKE INSERT ON eventstream.channel FROM {role}");
        await using var node = await LogNode.StartAsync(
            new NpgsqlConnectionStringBuilder(database) { Username = role, Password = "secret" }.ConnectionString);
        await node.PublishAsync(Message("orders", "a"), Message("news", "b"));

        await node.Sequencer.Invoking(it => it.MoveAllAsync(CancellationToken.None)).Should().ThrowAsync<EventStreamLogException>()
            .WithMessage("*lacks a right*");
        node.Database.Availability.Failure.Should().Contain("lacks a right");
        await owner.ExecuteAsync($"GRANT INSERT ON eventstream.channel TO {role}");
        await node.Sequencer.MoveAllAsync(CancellationToken.None);

        (await node.ReadAsync("orders")).Texts().Should().Equal("a");
        (await node.ReadAsync("news")).Texts().Should().Equal("b");
    }

    [Fact(Timeout = 60_000)]
    public async Task Move_LargeMessages_AFewAtATimeAndAllInTheEnd()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        var large = Message("orders", "") with { Frame = new byte[OutboxMove.MostBytes / 2] };
        await node.PublishAsync(large, large, large, Message("orders", "") with { Frame = new byte[OutboxMove.MostBytes + 1] }, large);
        var move = new OutboxMove(node.Database, node.Moved);
        List<int> taken = [];

        bool? mayBeMore;
        do
        {
            mayBeMore = await move.RunAsync(1000, CancellationToken.None);
            taken.Add(move.Taken.Count);
        }
        while (mayBeMore is true);

        taken.Should().Equal(2, 1, 1, 1);
        (await node.ReadAsync("orders")).Sequences().Should().Equal(Numbers(5));
    }

    [Fact(Timeout = 60_000)]
    public async Task Publish_InATransactionThatHasEnded_IsRefused()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await using var connection = await node.OpenAsync();
        var transaction = await connection.BeginTransactionAsync();
        var publish = () => node.PublishAsync(Message("orders", "a"), transaction).AsTask();

        await transaction.CommitAsync();
        await publish.Should().ThrowAsync<ArgumentException>().WithMessage("The transaction has ended*");
        await transaction.DisposeAsync();
        await publish.Should().ThrowAsync<ArgumentException>().WithMessage("The transaction has ended*");
    }

    [Fact(Timeout = 60_000)]
    public async Task Publish_InAnotherDatabase_ReportsIt()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await using var other = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await using var connection = await other.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();

        var publish = () => node.PublishAsync(Message("orders", "a"), transaction).AsTask();

        await publish.Should().ThrowAsync<EventStreamLogException>().WithMessage("*log's own database*");
    }
}
