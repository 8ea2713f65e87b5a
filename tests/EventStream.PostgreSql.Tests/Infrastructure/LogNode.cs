using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Hosting;
using EventStream.PostgreSql.Outbox;
using EventStream.PostgreSql.Schema;
using Npgsql;

namespace EventStream.PostgreSql.Tests.Infrastructure;

/// <summary>A node's part of the log, with its own connections to a database that other nodes may share.</summary>
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

    /// <summary>The transactions in which this node has published, and which may still be open.</summary>
    public OpenTransactions Transactions { get; }

    /// <summary>The messages that the sequencer has moved.</summary>
    public MovedMessages Moved { get; } = new();

    /// <summary>The sequencer, which moves the outbox. It does not run unless the test starts it.</summary>
    public Sequencer Sequencer { get; }

    public LogLines Logs { get; } = new();

    public static async Task<LogNode> StartAsync(string connectionString, PostgreSqlLogOptions? options = null, TimeProvider? time = null)
    {
        var node = new LogNode(connectionString, options ?? new(), time ?? TimeProvider.System);
        await new LogStart(node.Database).StartingAsync(CancellationToken.None);
        return node;
    }

    /// <summary>Makes a node that does not set up the schema.</summary>
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

    /// <summary>Makes a channel without a message, as after the eviction of all its messages.</summary>
    public Task MakeAsync(string channel) =>
        ExecuteAsync($"INSERT INTO eventstream.channel (name, epoch) VALUES ('{channel}', '{EventStreamPosition.NewEpoch(channel)}')");

    /// <summary>A position under the epoch that the channel has now.</summary>
    public async Task<EventStreamPosition> AtAsync(string channel, long sequence) => new((await ReadAsync(channel)).Epoch!, sequence);

    /// <summary>Publishes in the caller's transaction.</summary>
    public ValueTask PublishAsync(EventStreamLogRecord record, NpgsqlTransaction transaction) =>
        PublishTogetherAsync([record], transaction);

    /// <summary>Publishes several messages by one call in the caller's transaction.</summary>
    public ValueTask PublishTogetherAsync(EventStreamLogRecord[] records, NpgsqlTransaction transaction) =>
        Log.AppendAsync(records, transaction, CancellationToken.None);

    /// <summary>Publishes in a new transaction, and commits it.</summary>
    public async Task PublishAsync(params EventStreamLogRecord[] records)
    {
        await using var connection = await OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (var record in records) await PublishAsync(record, transaction);
        await transaction.CommitAsync();
    }

    /// <summary>
    /// Starts the sequencer, and returns when it has moved the messages that were there. Later commits it must detect.
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
        await AdvanceUntilAsync(time, TimeSpan.FromMilliseconds(5), () => Transactions.Ids().Length == 0, "the rollback is detected");
    }

    /// <summary>Advances the clock step by step until the condition is true.</summary>
    /// <remarks>The database answers before each step, so the clock cannot run ahead of a slow one.</remarks>
    public Task AdvanceUntilAsync(FakeTime time, TimeSpan step, Func<bool> condition, string what) => Soon.Until(
        () =>
        {
            if (condition()) return true;
            ScalarAsync("SELECT 1").Wait();
            time.Advance(step);
            return false;
        },
        what);

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

    /// <summary>Returns when one connection to the database, of any node, waits for a lock.</summary>
    public Task UntilAnotherWaitsForALockAsync() => Soon.Until(
        () => (long)ScalarAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
            .Result! == 1,
        "a connection that waits for a lock");

    /// <summary>Begins a transaction that holds its locks until it is disposed.</summary>
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
