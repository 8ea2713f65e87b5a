using System.Data;
using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Appending;

/// <summary>
/// A connection that is kept from one append to the next, with the statements of an append ready on it. For one append at a time.
/// </summary>
/// <remarks>
/// Kept, because a pool gives out its connections in turn, each with a server process whose memory is cold, and statements that are built
/// anew (`benchmarks/PostgreSqlLoad`).
/// </remarks>
internal sealed class AppendLine : IAsyncDisposable, IDisposable
{
    /// <summary>How long after an append a connection is taken to be alive.</summary>
    private static readonly TimeSpan Trust = TimeSpan.FromMilliseconds(20);

    private readonly LogDatabase _database;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlBatch _batch;
    private readonly AppendCommand _command;
    private LogTransaction? _transaction;
    private long? _answeredAt;

    public AppendLine(LogDatabase database, NpgsqlConnection connection)
    {
        (_database, _connection) = (database, connection);
        _command = new AppendCommand(database.Sql.Append);
        _batch = connection.CreateBatch().Limited();
        LogTransaction.AddBegin(_batch, database.Sql);
        _batch.BatchCommands.Add(_command.Command);
        _batch.Add(SessionSql.Commit);
    }

    /// <summary>Whether the connection is known to be alive, because it was a moment ago.</summary>
    public bool IsTrusted => _answeredAt is { } answered && _database.Time.GetElapsedTime(answered) < Trust;

    /// <summary>Whether the connection is not known to be dead.</summary>
    public bool IsOpen => _connection.State == ConnectionState.Open;

    /// <summary>Whether nothing was begun on it that was not committed.</summary>
    public bool IsClean => _transaction is null or { IsCommitted: true };

    /// <summary>Begins a transaction, for an append that takes more than one step.</summary>
    public LogTransaction Begin() => _transaction = new LogTransaction(_database, _connection);

    /// <summary>
    /// Carries a plan out in one round trip, if the channels are as it assumes, and the server is that of the fingerprint: reads what they
    /// were, and whether it was carried out.
    /// </summary>
    /// <exception cref="EventStreamLogException">It is not known whether it was.</exception>
    public async ValueTask<(LogState State, bool IsWritten)> AppendAsync(AppendPlan plan, string fingerprint, CancellationToken cancellationToken)
    {
        // A connection that has died would leave the outcome of the commit unknown. Who appends all the time hears of it soon; after a
        // silence it is asked before it writes.
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

    /// <summary>Takes note that the server has just answered.</summary>
    public void Answered() => _answeredAt = _database.Time.GetTimestamp();

    /// <summary>Gives the connection back to the pool, which takes back what was left open.</summary>
    public async ValueTask DisposeAsync()
    {
        await _batch.DisposeAsync();
        await _connection.DisposeAsync();
    }

    /// <summary>The same for one on which nothing was left open, so that there is nothing to wait for.</summary>
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
