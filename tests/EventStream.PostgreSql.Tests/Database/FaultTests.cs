using System.Transactions;
using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Hosting;
using Npgsql;
using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Database;

public sealed class FaultTests(SharedServer server)
{
    [Fact(Timeout = 60_000)]
    public async Task Start_WrongPassword_NamesWhatToCheckAndNotThePassword()
    {
        var database = await server.CreateDatabaseAsync();
        var start = () => LogNode.StartAsync(new NpgsqlConnectionStringBuilder(database) { Password = "wr0ng" }.ConnectionString);

        var thrown = await start.Should().ThrowAsync<EventStreamLogException>()
            .WithMessage("The database rejects the login. Check Username and Password*");

        thrown.Which.ToString().Should().NotContain("wr0ng");
    }

    [Fact(Timeout = 60_000)]
    public async Task Start_NoSuchDatabase_ReportsIt()
    {
        var database = await server.CreateDatabaseAsync();
        var start = () => LogNode.StartAsync(new NpgsqlConnectionStringBuilder(database) { Database = "nowhere" }.ConnectionString);

        await start.Should().ThrowAsync<EventStreamLogException>().WithMessage("The database does not exist*nowhere*");
    }

    [Fact(Timeout = 60_000)]
    public async Task Start_UnknownHost_FailsAtOnce()
    {
        var start = () => LogNode.StartAsync("Host=no-such-host.invalid;Username=x;Password=x", time: new FakeTime());

        await start.Should().ThrowAsync<EventStreamLogException>();
    }

    [Fact(Timeout = 60_000)]
    public async Task Start_ConnectionCutInTheMiddle_IsTriedAgain()
    {
        await using var node = LogNode.Unprepared(await server.CreateDatabaseAsync());
        await node.SetUpAsync();
        await node.ExecuteAsync(
            """
            CREATE SEQUENCE tries;
            CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS '
                BEGIN
                    IF nextval(''tries'') < 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                    RETURN new;
                END';
            CREATE TRIGGER die BEFORE UPDATE ON eventstream.meta FOR EACH ROW EXECUTE FUNCTION die();
            """);

        await new LogStart(node.Database).StartingAsync(CancellationToken.None).OrFail();

        node.Logs.Of(4).Should().ContainSingle();
        (await node.AppendAsync(Message("news", "a"))).Should().Equal(await node.AtAsync("news", 1));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("53100", "*disk is full*", false)]
    [InlineData("53300", "*accepts no more connections*", true)]
    [InlineData("55P03", "Another transaction has locked*", true)]
    [InlineData("25006", "*standby*", true)]
    [InlineData("P0001", "*rejected a message*", false)]
    public async Task Append_ErrorOfTheDatabase_ReportsWhatItMeansAndAppendsNothing(string state, string message, bool isTransient)
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.AppendAsync(Message("news", "a"));
        await node.ExecuteAsync(
            $"""
             CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'it said so' USING ERRCODE = '{state}'; END$$;
             CREATE TRIGGER fail BEFORE INSERT ON eventstream.message FOR EACH ROW WHEN (new.sequence < 4) EXECUTE FUNCTION fail();
             """);

        var append = () => node.AppendAsync(Message("news", "b"), Message("other", "c"));

        (await append.Should().ThrowAsync<EventStreamLogException>().WithMessage(message).WithMessage($"*it said so ({state})*"))
            .Which.Should().BeEquivalentTo(new { IsTransient = isTransient, IsOutcomeUnknown = false });
        (await node.ReadAsync("news")).Texts().Should().Equal("a");
        (await node.ReadAsync("other")).Newest.Should().Be(0);

        await node.ExecuteAsync("DROP TRIGGER fail ON eventstream.message");
        (await append()).Select(position => position!.Value.Sequence).Should().Equal(2, 1);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("40P01")]
    [InlineData("40001")]
    public async Task Append_Collision_IsTriedAgain(string state)
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.ExecuteAsync(
            $"""
             CREATE SEQUENCE tries;
             CREATE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS $$
                 BEGIN
                     IF nextval('tries') < 4 THEN RAISE 'collision' USING ERRCODE = '{state}'; END IF;
                     RETURN new;
                 END$$;
             CREATE TRIGGER collide BEFORE INSERT ON eventstream.message FOR EACH ROW EXECUTE FUNCTION collide();
             """);

        (await node.AppendAsync(Message("news", "a"))).Should().Equal(await node.AtAsync("news", 1));
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ConnectionsThatWereCutWhileTheyWereIdle_AreReplaced()
    {
        var time = new FakeTime();
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: time);
        await node.AppendAsync(Message("news", "a"));
        await node.CutAsync();
        time.Advance(Silence);

        await node.AppendAsync(Message("news", "b"));

        (await node.ReadAsync("news")).Texts().Should().Equal("a", "b");
        node.Logs.Of(1).Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_WhileAnotherHoldsTheChannel_FailsAfterAWhileAndNotForEver()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.AppendAsync(Message("news", "a"));
        await using var connection = await node.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var holding = new NpgsqlCommand("SELECT FROM eventstream.channel FOR UPDATE", connection))
        {
            await holding.ExecuteNonQueryAsync();
        }


        var append = () => node.AppendAsync(Message("news", "b")).OrFail();

        (await append.Should().ThrowAsync<EventStreamLogException>().WithMessage("Another transaction has locked*"))
            .Which.IsTransient.Should().BeTrue();
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_InATransactionScope_IsOutsideIt()
    {
        var connectionString = await server.CreateDatabaseAsync();
        await using var node = await LogNode.StartAsync(connectionString);
        await using var enlisting = new LogDatabase(
            NpgsqlDataSource.Create(connectionString), isOwn: true, new(), TimeProvider.System, node.Logs);
        var log = new PostgreSqlLog(enlisting, new(enlisting, new(enlisting)), new());

        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await log.AppendAsync([Message("news", "a")], CancellationToken.None);
        }


        (await node.ReadAsync("news")).Texts().Should().Equal("a");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_TablesThatAreGone_ExplainsHowToMakeThem()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.ExecuteAsync("DROP SCHEMA eventstream CASCADE");

        var append = () => node.AppendAsync(Message("news", "a"));

        await append.Should().ThrowAsync<EventStreamLogException>().WithMessage("The log's tables do not exist*CreateSchema*");
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ServerThatDoesNotWaitForTheDisk_WaitsAnyway()
    {
        var database = await server.CreateDatabaseAsync();
        await using (var node = await LogNode.StartAsync(database))
        {
            await node.ExecuteAsync(
                $"""
                 ALTER DATABASE {new NpgsqlConnectionStringBuilder(database).Database} SET synchronous_commit = off;
                 CREATE TABLE seen (setting text);
                 CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS '
                     BEGIN
                         INSERT INTO public.seen VALUES (current_setting(''synchronous_commit''));
                         RETURN NULL;
                     END';
                 CREATE TRIGGER see AFTER INSERT ON eventstream.message FOR EACH ROW EXECUTE FUNCTION see();
                 """);
        }

        await using var after = await LogNode.StartAsync(database, time: new FakeTime());
        await after.AppendAsync(Message("news", "a"));
        await after.AppendAsync(Message("news", "soon after"));

        (await after.ScalarAsync("SHOW synchronous_commit")).Should().Be("off");
        (await after.ScalarAsync("SELECT string_agg(setting, ' ') FROM seen")).Should().Be("local local");
    }

    [Fact(Timeout = 60_000)]
    public async Task Start_ThroughASocketInTheFileSystem_Works()
    {
        await using var node = await LogNode.StartAsync(server.ThroughSocket(await server.CreateDatabaseAsync()));

        (await node.AppendAsync(Message("news", "a"))).Should().Equal(await node.AtAsync("news", 1));
    }
}
