using System.Data;
using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Appending;

/// <summary>A connection that is kept from one append to the next, with the statements of an append prepared.</summary>
/// <remarks>
/// For one append at a time. It is kept because a pool hands out its connections in turn. Each of them has a server process with a cold
/// cache, and its statements must be built again (`benchmarks/PostgreSqlLoad`).
/// </remarks>
internal sealed class AppendConnection : IAsyncDisposable, IDisposable
{
    /// <summary>How long after an append the node assumes that the connection is alive.</summary>
    private static readonly TimeSpan Trust = TimeSpan.FromMilliseconds(20);

    private readonly LogDatabase _database;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlBatch _batch;
    private readonly AppendCommand _command;
    private LogTransaction? _transaction;
    private long? _answeredAt;

    public AppendConnection(LogDatabase database, NpgsqlConnection connection)
    {
        (_database, _connection) = (database, connection);
        _command = new AppendCommand(database.Sql.Append);
        _batch = connection.CreateBatch().Limited();
        LogTransaction.AddBegin(_batch, database.Sql);
        _batch.BatchCommands.Add(_command.Command);
        _batch.Add(SessionSql.Commit);
    }

    /// <summary>Whether the server answered on the connection a moment ago.</summary>
    public bool IsTrusted => _answeredAt is { } answered && _database.Time.GetElapsedTime(answered) < Trust;

    /// <summary>Whether the connection is not known to be dead.</summary>
    public bool IsOpen => _connection.State == ConnectionState.Open;

    /// <summary>Whether it has no transaction that was begun and not committed.</summary>
    public bool IsClean => _transaction is null or { IsCommitted: true };

    /// <summary>Begins a transaction, for an append that takes more than one step.</summary>
    public LogTransaction Begin() => _transaction = new LogTransaction(_database, _connection);

    /// <summary>Writes the messages of a plan in one round trip.</summary>
    /// <returns>
    /// The channels' state before the append, and whether the messages were written. They are not written if the state differs from the
    /// plan's assumption, or the server from the fingerprint.
    /// </returns>
    /// <exception cref="EventStreamLogException">The outcome of the commit is unknown.</exception>
    public async ValueTask<(LogState State, bool IsWritten)> AppendAsync(
        AppendPlan plan, string fingerprint, CancellationToken cancellationToken)
    {
        // On a dead connection the outcome of the commit would be unknown. So after a silence the server is asked before the write. A node
        // that appends all the time notices a dead connection soon anyway.
        if (!IsTrusted) await AskAsync(cancellationToken);
        _command.Fill(plan, fingerprint);
        try
        {
            return await LogTransaction.SendAsync(_database, _batch, isWhole: true, AppendCommand.ReadAsync, cancellationToken);
        }
        finally
        {
            _command.Empty();
        }
    }

    /// <summary>Records that the server has just answered.</summary>
    public void Answered() => _answeredAt = _database.Time.GetTimestamp();

    /// <summary>Returns the connection to the pool, which rolls back an open transaction.</summary>
    public async ValueTask DisposeAsync()
    {
        await _batch.DisposeAsync();
        await _connection.DisposeAsync();
    }

    /// <summary>Returns the connection to the pool, for a connection without an open transaction.</summary>
    public void Dispose()
    {
        _batch.Dispose();
        _connection.Dispose();
    }

    private async ValueTask AskAsync(CancellationToken cancellationToken)
    {
        await using var nothing = new NpgsqlCommand(SessionSql.Nothing, _connection).Limited();
        await nothing.ExecuteNonQueryAsync(cancellationToken);
    }
}
