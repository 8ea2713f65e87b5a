using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Database;

/// <summary>A transaction of the package, with one round trip for each batch.</summary>
/// <remarks>A transaction that is not committed is rolled back when its connection returns to the pool.</remarks>
internal sealed class LogTransaction(LogDatabase database, NpgsqlConnection connection)
{
    private bool _hasBegun;

    public bool IsCommitted { get; private set; }

    /// <summary>Creates a batch of statements that are sent together; the first batch begins the transaction.</summary>
    public NpgsqlBatch CreateBatch()
    {
        var batch = connection.CreateBatch().Limited();
        if (!_hasBegun) AddBegin(batch, database.Sql);
        return batch;
    }

    /// <summary>Adds the statements that begin a transaction.</summary>
    public static void AddBegin(NpgsqlBatch batch, LogSql sql)
    {
        batch.Add(SessionSql.Begin);
        batch.Add(sql.Session.Settings);
    }

    /// <summary>Sends a batch.</summary>
    /// <returns>The results of the batch's own statements, without those that begin the transaction.</returns>
    /// <exception cref="FingerprintException">The server or the tables are not those that were checked.</exception>
    public async ValueTask<NpgsqlDataReader> ReadAsync(NpgsqlBatch batch, CancellationToken cancellationToken)
    {
        await database.PrepareAsync(batch, cancellationToken);
        var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (_hasBegun) return reader;
        _hasBegun = true;
        try
        {
            await reader.ReadAsync(cancellationToken);
            database.Identity.Compare(reader.GetString(0));
            await reader.NextResultAsync(cancellationToken);
            return reader;
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a batch together with the commit, and reads its results.</summary>
    /// <exception cref="EventStreamLogException">The outcome of the commit is unknown.</exception>
    public async ValueTask<T> CommitAsync<T>(
        NpgsqlBatch batch, Func<NpgsqlDataReader, CancellationToken, ValueTask<T>> read, CancellationToken cancellationToken)
    {
        batch.Add(SessionSql.Commit);
        var result = await SendAsync(database, batch, isWhole: !_hasBegun, read, cancellationToken);
        IsCommitted = true;
        return result;
    }

    /// <summary>Sends a batch together with the commit, for work that may be done twice.</summary>
    /// <remarks>If the outcome of the commit is unknown, the work is repeated.</remarks>
    public async ValueTask CommitRepeatableAsync(NpgsqlBatch batch, CancellationToken cancellationToken)
    {
        batch.Add(SessionSql.Commit);
        await database.PrepareAsync(batch, cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        IsCommitted = true;
    }

    /// <summary>Sends a batch that ends with the commit, and reads the results of its own statements.</summary>
    /// <param name="database">The database.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="isWhole">
    /// Whether the batch begins the transaction as well. Its own statements must then check the fingerprint, because the server commits
    /// before the node could compare it.
    /// </param>
    /// <param name="read">Reads the results.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <exception cref="EventStreamLogException">The outcome of the commit is unknown.</exception>
    public static async ValueTask<T> SendAsync<T>(
        LogDatabase database,
        NpgsqlBatch batch,
        bool isWhole,
        Func<NpgsqlDataReader, CancellationToken, ValueTask<T>> read,
        CancellationToken cancellationToken)
    {
        await database.PrepareAsync(batch, cancellationToken);
        var isRead = false;
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            if (isWhole) await reader.NextResultAsync(cancellationToken);
            var result = await read(reader, cancellationToken);
            isRead = true;

            // Also reads the answer of the commit.
            while (await reader.NextResultAsync(cancellationToken))
            {
            }

            return result;
        }
        // Results arrive in order, so an error before the last result is one before the commit.
        catch (Exception exception) when ((isRead || exception is not PostgresException) && Faults.LeavesOutcomeUnknown(exception))
        {
            throw Faults.OutcomeUnknown(exception);
        }
    }
}
