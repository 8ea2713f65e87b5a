using EventStream.PostgreSql.Schema;
using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Schema;

public sealed class SchemaTests(SharedServer server)
{
    private static readonly Migration Second = new(
        2, schema => $"ALTER TABLE {schema}.channel ADD COLUMN colour text NOT NULL DEFAULT 'red';");

    [Fact(Timeout = 60_000)]
    public async Task SetUp_Twice_LeavesWhatThereIs()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.AppendAsync(Message("news", "a"));

        await node.SetUpAsync();

        (await node.ReadAsync("news")).Texts().Should().Equal("a");
        (await node.ScalarAsync("SELECT version FROM eventstream.meta")).Should().Be(1);
    }

    [Fact(Timeout = 60_000)]
    public async Task SetUp_TenNodesAtOnce_AllSucceed()
    {
        var database = await server.CreateDatabaseAsync();
        var nodes = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => LogNode.StartAsync(database)))).OrFail();

        await nodes[9].AppendAsync(Message("news", "a"));

        (await nodes[0].ReadAsync("news")).Texts().Should().Equal("a");
        nodes.Should().OnlyContain(node => node.Logs.Of(3).Count == 0, "a new schema is no restored backup");
        foreach (var node in nodes) await node.DisposeAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task SetUp_OlderVersion_IsUpgradedWithWhatIsInIt()
    {
        var database = await server.CreateDatabaseAsync();
        await using var node = await LogNode.StartAsync(database);
        await node.AppendAsync(Message("news", "a"));
        LogNode[] nodes = [.. Enumerable.Range(0, 5).Select(_ => LogNode.Unprepared(database))];

        await Task.WhenAll(nodes.Select(newer => Task.Run(() => newer.SetUpAsync([.. MigrationList.All, Second])))).OrFail();

        (await node.ScalarAsync("SELECT version FROM eventstream.meta")).Should().Be(2);
        (await node.ScalarAsync("SELECT colour FROM eventstream.channel")).Should().Be("red");
        (await node.ReadAsync("news")).Texts().Should().Equal("a");
        foreach (var newer in nodes) await newer.DisposeAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task SetUp_FromNothingToALaterVersion_RunsEachStep()
    {
        await using var node = LogNode.Unprepared(await server.CreateDatabaseAsync());

        await node.SetUpAsync([.. MigrationList.All, Second]);

        (await node.ScalarAsync("SELECT version FROM eventstream.meta")).Should().Be(2);
    }

    [Fact(Timeout = 60_000)]
    public async Task SetUp_NewerVersion_IsRefused()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.ExecuteAsync("UPDATE eventstream.meta SET version = 7");

        var setUp = () => node.SetUpAsync();

        (await setUp.Should().ThrowAsync<EventStreamLogException>()
            .WithMessage("*'eventstream' has version 7, *versions up to 1*Update the package.")).Which.IsTransient.Should().BeFalse();
    }

    [Theory(Timeout = 60_000)]
    [InlineData(false, "*does not have the log's schema 'eventstream'*PostgreSqlSchema.Script*CreateSchema*")]
    [InlineData(true, "*has version 1, *needs 2*CreateSchema*")]
    public async Task SetUp_MissingOrOlderWithoutCreateSchema_IsRefused(bool isThere, string message)
    {
        var database = await server.CreateDatabaseAsync();
        if (isThere) await (await LogNode.StartAsync(database)).DisposeAsync();
        await using var node = LogNode.Unprepared(database, new() { CreateSchema = false });

        var setUp = () => node.SetUpAsync([.. MigrationList.All, Second]);

        await setUp.Should().ThrowAsync<EventStreamLogException>().WithMessage(message);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("eventstream")]
    [InlineData("Event Stream")]
    [InlineData("it's \"odd\" \\ $$ ü; DROP TABLE x --")]
    public async Task Script_AppliedByHand_IsWhatTheAppNeeds(string schema)
    {
        var database = await server.CreateDatabaseAsync();
        await using var byHand = LogNode.Unprepared(database);
        await byHand.ExecuteAsync(PostgreSqlSchema.Script(schema));

        await using var node = await LogNode.StartAsync(database, new() { Schema = schema, CreateSchema = false });

        await using var hints = node.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        await hints.MoveNextAsync().AsTask().OrFail();
        await node.AppendAsync(Message("news", "a"));
        await node.PublishAsync(Message("news", "b"));
        await node.Sequencer.MoveAllAsync(CancellationToken.None);
        (await node.ReadAsync("news")).Texts().Should().Equal("a", "b");
        (await hints.MoveNextAsync().AsTask().OrFail()).Should().BeTrue();
        hints.Current.Channel.Should().Be("news");
    }

    [Fact(Timeout = 60_000)]
    public async Task Schemas_OfTwoApps_ShareNothing()
    {
        var database = await server.CreateDatabaseAsync();
        await using var one = await LogNode.StartAsync(database);
        await using var other = await LogNode.StartAsync(database, new() { Schema = "other" });

        await one.AppendAsync(Message("news", "a"));
        await other.AppendAsync(Message("news", "b"));

        (await one.ReadAsync("news")).Texts().Should().Equal("a");
        (await other.ReadAsync("news")).Texts().Should().Equal("b");
    }

    [Theory(Timeout = 60_000)]
    [InlineData("")]
    [InlineData("pg_log")]
    [InlineData("a\nb")]
    [InlineData("üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü")]
    public async Task Script_OfANameThatIsNone_IsRefused(string schema)
    {
        var script = () => PostgreSqlSchema.Script(schema);

        script.Should().Throw<ArgumentException>();
    }

    [Fact(Timeout = 60_000)]
    public async Task SetUp_DatabaseThatIsNotUnicode_IsRefused()
    {
        var database = await server.CreateDatabaseAsync();
        await using var node = LogNode.Unprepared(database);
        await node.ExecuteAsync("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
        await using var latin = LogNode.Unprepared(
            new Npgsql.NpgsqlConnectionStringBuilder(database) { Database = "latin" }.ConnectionString);

        var setUp = () => latin.SetUpAsync();

        await setUp.Should().ThrowAsync<EventStreamLogException>().WithMessage("*LATIN1*UTF8*");
    }
}
