using System.Net;
using System.Net.Sockets;
using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Hosting;
using Npgsql;
using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Hosting;

/// <summary>The app's start waits for something: no longer than the timeout, and the log names what it waits for.</summary>
public sealed class StartTests(SharedServer server)
{
    private const int StillWaits = 8;
    private const string SchemaLock = "SELECT pg_advisory_xact_lock(hashtextextended('EventStream.PostgreSql/eventstream/schema', 0))";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly PostgreSqlLogOptions Options = new() { StartTimeout = 2 * Second };

    [Theory(Timeout = 60_000)]
    [InlineData(false, SchemaLock)]
    [InlineData(true, SchemaLock)]
    [InlineData(true, "LOCK TABLE eventstream.meta IN ACCESS EXCLUSIVE MODE")]
    [InlineData(false, "CREATE SCHEMA eventstream")]
    [InlineData(true, "UPDATE eventstream.meta SET identity = '//0'", "UPDATE eventstream.meta SET identity = '//'")]
    public async Task Start_AnotherSessionHoldsALock_NamesItAndFailsAfterTheTimeout(bool schemaExists, string hold, string? before = null)
    {
        var database = await server.CreateDatabaseAsync();
        await using var other = await HolderAsync(database, schemaExists, before);
        await using var holding = await other.BeginAsync(hold);
        var time = new FakeTime();
        await using var node = LogNode.Unprepared(database, Options, time);
        var start = new LogStart(node.Database).StartingAsync(CancellationToken.None);
        await node.UntilAnotherWaitsForALockAsync();

        time.Advance(Second);
        await Soon.Until(() => node.Logs.Of(StillWaits).Count > 0);
        start.IsCompleted.Should().BeFalse();
        time.Advance(Second);

        await start.Invoking(task => task.OrFail()).Should().ThrowAsync<EventStreamLogException>()
            .WithMessage(
                $"The app's start has waited 00:00:02 for the database: a lock is held by {Session(holding)}. End that transaction*");
        node.Logs.Of(StillWaits).Should().ContainSingle().Which.Should().Contain(Session(holding));
        await Soon.Until(() => CountAsync(node, "wait_event_type = 'Lock'").Result == 0);
    }

    [Fact(Timeout = 60_000)]
    public async Task Start_ALockThatIsReleasedInTime_Continues()
    {
        var database = await server.CreateDatabaseAsync();
        await using var other = await HolderAsync(database, schemaExists: false);
        var holding = await other.BeginAsync(SchemaLock);
        var time = new FakeTime();
        await using var node = LogNode.Unprepared(database, Options, time);
        var start = new LogStart(node.Database).StartingAsync(CancellationToken.None);
        await node.UntilAnotherWaitsForALockAsync();
        time.Advance(Second);
        await Soon.Until(() => node.Logs.Of(StillWaits).Count > 0);

        await holding.DisposeAsync();

        await start.OrFail();
        (await node.AppendAsync(Message("news", "a"))).Single()!.Value.Sequence.Should().Be(1);
    }

    [Fact(Timeout = 60_000)]
    public async Task Start_TheServerIsAtWorkForLongerThanTheTimeout_IsNotInterrupted()
    {
        var database = await server.CreateDatabaseAsync();
        await using var other = await HolderAsync(database, schemaExists: true);
        await other.ExecuteAsync(
            """
            CREATE TABLE done (done boolean);
            CREATE FUNCTION work() RETURNS trigger LANGUAGE plpgsql
                AS 'BEGIN WHILE NOT EXISTS (SELECT FROM public.done) LOOP PERFORM pg_sleep(0.01); END LOOP; RETURN new; END';
            CREATE TRIGGER work BEFORE UPDATE ON eventstream.meta FOR EACH ROW EXECUTE FUNCTION work();
            """);
        var time = new FakeTime();
        await using var node = LogNode.Unprepared(database, new() { StartTimeout = Second }, time);
        var start = new LogStart(node.Database).StartingAsync(CancellationToken.None);
        await Soon.Until(() => CountAsync(other, "query LIKE 'UPDATE%meta%' AND state = 'active'").Result == 1);

        time.Advance(Second);
        await Soon.Until(() => node.Logs.Of(StillWaits).Count > 0);
        time.Advance(Second);
        start.IsCompleted.Should().BeFalse();
        node.Logs.Of(StillWaits).Should().ContainSingle().Which.Should().Contain("upgrades the schema or renews the epochs");
        await other.ExecuteAsync("INSERT INTO done VALUES (true)");

        await start.OrFail();
    }

    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Start_UpgradeWhoseStateTheServerHides_IsNotInterrupted(bool schemaExists)
    {
        var database = await server.CreateDatabaseAsync();
        var hide = $"ALTER DATABASE {new NpgsqlConnectionStringBuilder(database).Database} SET track_activities = off";
        await using var other = await HolderAsync(database, schemaExists, before: hide);
        await other.ExecuteAsync(
            """
            CREATE TABLE done (done boolean);
            CREATE FUNCTION work() RETURNS event_trigger LANGUAGE plpgsql
                AS 'BEGIN WHILE NOT EXISTS (SELECT FROM public.done) LOOP PERFORM pg_sleep(0.01); END LOOP; END';
            CREATE FUNCTION work_on_a_row() RETURNS trigger LANGUAGE plpgsql
                AS 'BEGIN WHILE NOT EXISTS (SELECT FROM public.done) LOOP PERFORM pg_sleep(0.01); END LOOP; RETURN new; END';
            """);
        await other.ExecuteAsync(schemaExists
            ? """
              INSERT INTO eventstream.channel (name, epoch) VALUES ('news', '123abcdef');
              UPDATE eventstream.meta SET identity = '//0';
              CREATE TRIGGER work BEFORE UPDATE ON eventstream.channel FOR EACH ROW EXECUTE FUNCTION work_on_a_row();
              """
            : "CREATE EVENT TRIGGER work ON ddl_command_end EXECUTE FUNCTION work()");
        var time = new FakeTime();
        await using var node = LogNode.Unprepared(database, new() { StartTimeout = Second }, time);
        var start = new LogStart(node.Database).StartingAsync(CancellationToken.None);
        await Soon.Until(() => node.Database.LongWork.IsUnderWay, "the long statement is under way");

        time.Advance(Second);
        await Soon.Until(() => node.Logs.Of(StillWaits).Count > 0);
        time.Advance(Second);
        start.IsCompleted.Should().BeFalse();
        node.Logs.Of(StillWaits).Should().ContainSingle().Which.Should().Contain("upgrades the schema or renews the epochs");
        await other.ExecuteAsync("INSERT INTO done VALUES (true)");

        await start.OrFail();
    }

    [Fact(Timeout = 60_000)]
    public async Task Start_LongWorkWhoseSessionIsSeenIdle_FailsAfterTheTimeout()
    {
        var time = new FakeTime();
        await using var node = LogNode.Unprepared(await server.CreateDatabaseAsync(), new() { StartTimeout = Second }, time);
        using var longWork = node.Database.LongWork.Begin();
        var begun = new TaskCompletionSource();

        // As where the answer of the long statement was lost on its way.
        var attempt = new StartWatch(node.Database).RunAsync(
            async (connection, token) =>
            {
                await connection.BeginTransactionAsync(token);
                await using var statement = new NpgsqlCommand("SELECT 1", connection);
                await statement.ExecuteNonQueryAsync(token);
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, token);
            },
            CancellationToken.None);
        await begun.Task.OrFail();
        time.Advance(Second);

        await attempt.Invoking(task => task.OrFail()).Should().ThrowAsync<EventStreamLogException>()
            .WithMessage("*the server does not answer, and gives no reason*");
    }

    [Fact(Timeout = 60_000)]
    public async Task Start_AttemptThatFailsAfterLongWork_HasTheTimeoutAgain()
    {
        var time = new FakeTime();
        var hidden = await server.CreateDatabaseAsync() + ";Options=-c track_activities=off";
        await using var node = LogNode.Unprepared(hidden, new() { StartTimeout = Second }, time);
        var watch = new StartWatch(node.Database);
        var (begun, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        using (node.Database.LongWork.Begin())
        {
            var attempt = watch.RunAsync(
                (_, _) =>
                {
                    begun.SetResult();
                    return ended.Task;
                },
                CancellationToken.None);
            await begun.Task.OrFail();
            time.Advance(Second);
            await Soon.Until(() => node.Logs.Of(StillWaits).Count > 0);
            ended.SetResult();
            await attempt.OrFail();
        }

        watch.Invoking(watch => watch.Failed(new("cut") { IsTransient = true })).Should().NotThrow("the work was no wait");
        time.Advance(Second);
        watch.Invoking(watch => watch.Failed(new("cut") { IsTransient = true })).Should().Throw<EventStreamLogException>();
    }

    [Fact(Timeout = 60_000)]
    public async Task Start_ServerThatTakesTheConnectionAndNeverAnswers_ReportsItAndFailsAfterTheTimeout()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var time = new FakeTime();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        await using var node = LogNode.Unprepared($"Host=127.0.0.1;Port={port};Username=x;Password=x;Timeout=0", Options, time);
        var start = new LogStart(node.Database).StartingAsync(CancellationToken.None);
        using var connection = await silent.AcceptTcpClientAsync().OrFail();

        await FailsAfterTheTimeoutAsync(node, time, start, "*no connection can be opened. The server does not answer*Host*");
    }

    [Fact(Timeout = 60_000)]
    public async Task Start_ServerThatFallsSilent_ReportsItAndFailsAfterTheTimeout()
    {
        var database = await server.CreateDatabaseAsync();
        await using var other = await HolderAsync(database, schemaExists: true);
        await using var proxy = new SilencingProxy(database);
        var time = new FakeTime();
        await using var holding = await other.BeginAsync(SchemaLock);
        await using var node = LogNode.Unprepared(proxy.ConnectionString + ";Command Timeout=0;Timeout=0", Options, time);
        var start = new LogStart(node.Database).StartingAsync(CancellationToken.None);
        await other.UntilAnotherWaitsForALockAsync();
        proxy.Silence();

        time.Advance(Second);
        await Soon.Until(() =>
        {
            time.Advance(Second);
            return start.IsCompleted;
        });

        await start.Invoking(task => task).Should().ThrowAsync<EventStreamLogException>()
            .WithMessage("*the server does not answer, and gives no reason*");
        node.Logs.Of(StillWaits).Should().ContainSingle();
    }

    [Fact(Timeout = 60_000)]
    public async Task Start_AllConnectionsOfThePoolAreInUse_ReportsItAndFailsAfterTheTimeout()
    {
        var time = new FakeTime();
        await using var node = LogNode.Unprepared(await server.CreateDatabaseAsync() + ";Maximum Pool Size=1;Timeout=1000", Options, time);
        await using var taken = await node.OpenAsync();
        var start = new LogStart(node.Database).StartingAsync(CancellationToken.None);

        await FailsAfterTheTimeoutAsync(node, time, start, "*all connections of the pool are in use*Maximum Pool Size*");
    }

    [Fact(Timeout = 60_000)]
    public async Task Start_PasswordProviderThatNeverReturns_FailsAfterTheTimeout()
    {
        var time = new FakeTime();
        var source = new NpgsqlDataSourceBuilder(await server.CreateDatabaseAsync());
        source.ConnectionStringBuilder.Password = null;
        source.UsePasswordProvider(_ => throw new NotSupportedException(), (_, _) => new(new TaskCompletionSource<string>().Task));
        await using var node = LogNode.Unprepared(await server.CreateDatabaseAsync());
        await using var database = new LogDatabase(source.Build(), isOwn: false, Options, time, node.Logs);
        var start = new LogStart(database).StartingAsync(CancellationToken.None);

        await FailsAfterTheTimeoutAsync(node, time, start, "*no connection can be opened*");
    }

    [Fact(Timeout = 60_000)]
    public async Task Start_WithoutATimeout_HasASecond()
    {
        var time = new FakeTime();
        await using var node = LogNode.Unprepared(await server.CreateDatabaseAsync(), new() { StartTimeout = TimeSpan.Zero }, time);

        await new LogStart(node.Database).StartingAsync(CancellationToken.None).OrFail();
    }

    [Theory(Timeout = 60_000)]
    [InlineData("lock")]
    [InlineData("silence")]
    [InlineData("pool")]
    public async Task Start_CancelledWhileItWaits_EndsAtOnce(string what)
    {
        var database = await server.CreateDatabaseAsync();
        await using var other = await HolderAsync(database, schemaExists: true);
        await using var holding = await other.BeginAsync(SchemaLock);
        await using var proxy = new SilencingProxy(database);
        var connectionString = what == "silence" ? proxy.ConnectionString : database;
        await using var node = LogNode.Unprepared(
            connectionString + ";Maximum Pool Size=1;Timeout=1000;Command Timeout=0", Options, new FakeTime());
        var taken = what == "pool" ? await node.OpenAsync() : null;
        using var stop = new CancellationTokenSource();
        var start = new LogStart(node.Database).StartingAsync(stop.Token);
        if (what != "pool") await other.UntilAnotherWaitsForALockAsync();
        proxy.Silence();

        await stop.CancelAsync().OrFail();

        await start.Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>();
        if (taken is not null) await taken.DisposeAsync();
    }

    private static async Task FailsAfterTheTimeoutAsync(LogNode node, FakeTime time, Task start, string message)
    {
        await Soon.Until(() =>
        {
            if (node.Logs.Of(StillWaits).Count > 0) return true;
            time.Advance(0.1 * Second);
            return false;
        });
        time.Elapsed.Should().BeLessThan(2 * Second);
        start.IsCompleted.Should().BeFalse();
        time.Advance(Second);

        await start.Invoking(task => task.OrFail()).Should().ThrowAsync<EventStreamLogException>().WithMessage(message);
        node.Logs.Of(StillWaits).Should().ContainSingle();
    }

    private static string Session(HeldTransaction holding) =>
        $"process {holding.Process} (application \"holder\", user \"postgres\", idle in transaction)";

    private static async Task<long> CountAsync(LogNode node, string sessions) =>
        (long)(await node.ScalarAsync($"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND {sessions}"))!;

    private static async Task<LogNode> HolderAsync(string database, bool schemaExists, string? before = null)
    {
        var other = LogNode.Unprepared(database + ";Application Name=holder");
        if (schemaExists) await other.SetUpAsync();
        if (before is not null) await other.ExecuteAsync(before);
        return other;
    }
}
