using Npgsql;
using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Outbox;

/// <summary>Where the insertion into the outbox is prepared by name: only in a session that is the caller's own.</summary>
public sealed class CallerSessionsTests(SharedServer server)
{
    [Fact(Timeout = 60_000)]
    public async Task Publish_AgainInASession_UsesAPreparedStatement()
    {
        var database = await server.CreateDatabaseAsync();
        await using var node = await LogNode.StartAsync(database);
        await using var callers = NpgsqlDataSource.Create(database);
        await using (var connection = await callers.OpenConnectionAsync())
        {
            await PublishAsync(node, connection, "a");
            (await PreparedAsync(connection)).Should().Be(0, "the server's process was not known yet");
            await PublishAsync(node, connection, "b");
            (await PreparedAsync(connection)).Should().Be(1);
        }

        await using (var connection = await callers.OpenConnectionAsync())
        {
            await PublishAsync(node, connection, "c");
            (await PreparedAsync(connection)).Should().Be(1, "the pool gives out the same session");
        }

        await node.Sequencer.MoveAllAsync(CancellationToken.None);
        (await node.ReadAsync("orders")).Texts().Should().Equal("a", "b", "c");
    }

    [Fact(Timeout = 60_000)]
    public async Task Publish_ThroughAPoolerInTransactionMode_PreparesNothing()
    {
        var database = await server.CreateDatabaseAsync();
        await using var pooler = await PgBouncer.StartAsync(database, "transaction");
        await using var node = await LogNode.StartAsync(database);
        await using var callers = NpgsqlDataSource.Create(pooler.ConnectionString);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(WorkAsync)).OrFail();

        await node.Sequencer.MoveAllAsync(CancellationToken.None);
        (await node.ReadAsync("orders")).Newest.Should().Be(8 * 20);

        async Task WorkAsync(int worker)
        {
            await using var connection = await callers.OpenConnectionAsync();
            for (var round = 0; round < 20; round++) await PublishAsync(node, connection, $"{worker} {round}");
            (await PreparedAsync(connection)).Should().Be(0);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Publish_AfterTheSessionLostItsStatements_FailsOnceAndThenWorks()
    {
        var database = await server.CreateDatabaseAsync();
        await using var node = await LogNode.StartAsync(database);
        await using var callers = NpgsqlDataSource.Create(database);
        await using var connection = await callers.OpenConnectionAsync();
        await PublishAsync(node, connection, "a");
        await PublishAsync(node, connection, "b");
        await using (var deallocate = new NpgsqlCommand("DEALLOCATE ALL", connection)) await deallocate.ExecuteNonQueryAsync();

        var publish = () => PublishAsync(node, connection, "lost");
        (await publish.Should().ThrowAsync<PostgresException>()).Which.SqlState.Should().Be(PostgresErrorCodes.InvalidSqlStatementName);
        await PublishAsync(node, connection, "c");
        await PublishAsync(node, connection, "d");

        await node.Sequencer.MoveAllAsync(CancellationToken.None);
        (await node.ReadAsync("orders")).Texts().Should().Equal("a", "b", "c", "d");
    }

    [Fact(Timeout = 60_000)]
    public async Task Publish_OnAMultiplexedConnection_PreparesNothing()
    {
        var database = await server.CreateDatabaseAsync();
        await using var node = await LogNode.StartAsync(database);
        await using var callers = NpgsqlDataSource.Create(database + ";Multiplexing=true");
        await using var connection = await callers.OpenConnectionAsync();

        foreach (var text in "abc") await PublishAsync(node, connection, $"{text}");

        await node.Sequencer.MoveAllAsync(CancellationToken.None);
        (await node.ReadAsync("orders")).Texts().Should().Equal("a", "b", "c");
    }

    private static async Task PublishAsync(LogNode node, NpgsqlConnection connection, string text)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await node.PublishAsync(Message("orders", text), transaction);
        await transaction.CommitAsync();
    }

    /// <summary>How many statements the session has for the outbox.</summary>
    private static async Task<long> PreparedAsync(NpgsqlConnection connection)
    {
        const string count = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'INSERT INTO %outbox%'";
        await using var command = new NpgsqlCommand(count, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
