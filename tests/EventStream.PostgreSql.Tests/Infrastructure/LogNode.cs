using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Hosting;
using EventStream.PostgreSql.Outbox;
using EventStream.PostgreSql.Schema;
using Npgsql;

namespace EventStream.PostgreSql.Tests.Infrastructure;

/// <summary>What a node has of the log: connections of its own to a database that others may share.</summary>
internal sealed class LogNode : IAsyncDisposable
{
    private readonly string _connectionString;
    private readonly NpgsqlDataSource _source;

    private LogNode(string connectionString, PostgreSqlLogOptions options, TimeProvider time)
    {
        _connectionString = connectionString;
        _source = OwnDataSource.Create(connectionString);
        Database = new LogDatabase(_source, isOwn: true, options, time, Logs);
        Transactions = new OpenTransactions(Database);
        Log = new PostgreSqlLog(Database, new OutboxWriter(Database, Transactions), Moved);
        Sequencer = new Sequencer(Database, Transactions, Moved);
    }

    public string ConnectionString => _connectionString;

    public LogDatabase Database { get; }

    public PostgreSqlLog Log { get; }

    /// <summary>The transactions in which something was published here, and which may still be open.</summary>
    public OpenTransactions Transactions { get; }

    /// <summary>What it tells of its moves.</summary>
    public MovedMessages Moved { get; } = new();

    /// <summary>What moves the outbox; not running.</summary>
    public Sequencer Sequencer { get; }

    public LogLines Logs { get; } = new();

    public static async Task<LogNode> StartAsync(string connectionString, PostgreSqlLogOptions? options = null, TimeProvider? time = null)
    {
        var node = new LogNode(connectionString, options ?? new(), time ?? TimeProvider.System);
        await new LogStart(node.Database).StartingAsync(CancellationToken.None);
        return node;
    }

    /// <summary>A node whose schema is left as it is.</summary>
    public static LogNode Unprepared(string connectionString, PostgreSqlLogOptions? options = null, TimeProvider? time = null) =>
        new(connectionString, options ?? new(), time ?? TimeProvider.System);

    public async Task SetUpAsync(IReadOnlyList<Migration>? migrations = null)
    {
        await using var connection = await Database.OpenAsync(CancellationToken.None);
        await new SchemaSetup(Database, migrations ?? MigrationList.All).RunAsync(connection, CancellationToken.None);
    }

    public async Task<IReadOnlyList<EventStreamPosition?>> AppendAsync(params EventStreamLogRecord[] records) =>
        await Log.AppendAsync(records, CancellationToken.None);

    public async Task<EventStreamLogPage> ReadAsync(string channel, long after = 0, int maxCount = 10_000, int maxBytes = int.MaxValue) =>
        (await Log.ReadAsync([new(channel, after, maxCount, maxBytes)], CancellationToken.None))[0];

    /// <summary>Makes a channel without a message, as it is left when all were dropped.</summary>
    public Task MakeAsync(string channel) =>
        ExecuteAsync($"INSERT INTO eventstream.channel (name, epoch) VALUES ('{channel}', '{EventStreamPosition.NewEpoch(channel)}')");

    /// <summary>A position under the epoch that the channel has now.</summary>
    public async Task<EventStreamPosition> AtAsync(string channel, long sequence) => new((await ReadAsync(channel)).Epoch!, sequence);

    /// <summary>Publishes in a transaction of the caller's.</summary>
    public ValueTask PublishAsync(EventStreamLogRecord record, NpgsqlTransaction transaction) =>
        PublishTogetherAsync([record], transaction);

    /// <summary>The same for messages that are published by one call.</summary>
    public ValueTask PublishTogetherAsync(EventStreamLogRecord[] records, NpgsqlTransaction transaction) =>
        Log.AppendAsync(records, transaction, CancellationToken.None);

    /// <summary>Publishes in a transaction of its own.</summary>
    public async Task PublishAsync(params EventStreamLogRecord[] records)
    {
        await using var connection = await OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (var record in records) await PublishAsync(record, transaction);
        await transaction.CommitAsync();
    }

    /// <summary>
    /// Starts what moves the outbox, and returns when it has moved what was there: so what comes later has to be noticed.
    /// </summary>
    public async Task StartSequencerAsync(FakeTime time)
    {
        await Sequencer.StartAsync(CancellationToken.None);
        await using (var connection = await OpenAsync())
        {
            await using var rolledBack = await connection.BeginTransactionAsync();
            await PublishAsync(Records.Message("none", ""), rolledBack);
        }

        Transactions.Ids().Should().ContainSingle();
        await Soon.Until(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(5));
            return Transactions.Ids().Length == 0;
        });
    }

    /// <summary>Cuts all connections to the database, from outside the node.</summary>
    public async Task CutAsync()
    {
        await using var outside = NpgsqlDataSource.Create(_connectionString + ";Pooling=false");
        await using var cut = outside.CreateCommand(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        await cut.ExecuteNonQueryAsync();
    }

    /// <summary>Does what a dump and its restoration do: the same rows in new tables.</summary>
    public Task RestoreAsync() =>
        ExecuteAsync(
            "ALTER TABLE eventstream.meta RENAME TO old; CREATE TABLE eventstream.meta AS SELECT * FROM eventstream.old; "
            + "DROP TABLE eventstream.old");

    /// <summary>Returns when one connection to the database, of whichever node, waits for a lock.</summary>
    public Task UntilAnotherWaitsForALockAsync() => Soon.Until(
        () => (long)ScalarAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
            .Result! == 1,
        "a connection that waits for a lock");

    /// <summary>Begins a transaction that holds something until it is disposed of.</summary>
    public async Task<HeldTransaction> BeginAsync(string sql)
    {
        var connection = await OpenAsync();
        await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
        return new(connection);
    }

    public ValueTask<NpgsqlConnection> OpenAsync() => _source.OpenConnectionAsync();

    public async Task<int> ExecuteAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return await command.ExecuteNonQueryAsync();
    }

    public async Task<object?> ScalarAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Sequencer.StopAsync(CancellationToken.None);
        Sequencer.Dispose();
        Log.Dispose();
        await Database.DisposeAsync();
    }
}
