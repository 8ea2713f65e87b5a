using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Database;

/// <summary>
/// A transaction of the package's own, in as few round trips as there are batches. One that is not committed is taken back when its
/// connection goes back to the pool.
/// </summary>
internal sealed class LogTransaction(LogDatabase database, NpgsqlConnection connection)
{
    private bool _hasBegun;

    public bool IsCommitted { get; private set; }

    /// <summary>Statements that go to the server together; the first ones begin the transaction.</summary>
    public NpgsqlBatch CreateBatch()
    {
        var batch = connection.CreateBatch().Limited();
        if (!_hasBegun) AddBegin(batch, database.Sql);
        return batch;
    }

    /// <summary>The statements with which a transaction begins.</summary>
    public static void AddBegin(NpgsqlBatch batch, LogSql sql)
    {
        batch.Add(SessionSql.Begin);
        batch.Add(sql.Session.Settings);
    }

    /// <summary>Sends a batch, and returns its results, beginning with the first of its own statements.</summary>
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

    /// <summary>Sends a batch, and the commit with it, and reads its results.</summary>
    /// <exception cref="EventStreamLogException">It is not known whether it was committed.</exception>
    public async ValueTask<T> CommitAsync<T>(NpgsqlBatch batch, Func<NpgsqlDataReader, CancellationToken, ValueTask<T>> read, CancellationToken cancellationToken)
    {
        batch.Add(SessionSql.Commit);
        var result = await SendAsync(database, batch, isWhole: !_hasBegun, read, cancellationToken);
        IsCommitted = true;
        return result;
    }

    /// <summary>
    /// The same, without results, for what may be done twice, and therefore is done again where its outcome is not known.
    /// </summary>
    public async ValueTask CommitRepeatableAsync(NpgsqlBatch batch, CancellationToken cancellationToken)
    {
        batch.Add(SessionSql.Commit);
        await database.PrepareAsync(batch, cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        IsCommitted = true;
    }

    /// <summary>Sends a batch that ends with the commit, and reads its results, beginning with the first of its own statements.</summary>
    /// <param name="database">The database.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="isWhole">
    /// Whether it begins the transaction as well. Then the fingerprint is for its own statements to look at: it is committed before it is
    /// here.
    /// </param>
    /// <param name="read">Reads the results.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EventStreamLogException">It is not known whether it was committed.</exception>
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

            // The commit's own answer, too.
            while (await reader.NextResultAsync(cancellationToken))
            {
            }

            return result;
        }
        // Results come in order: what the server says before the last one, it says before the commit.
        catch (Exception exception) when ((isRead || exception is not PostgresException) && Faults.LeavesOutcomeUnknown(exception))
        {
            throw Faults.OutcomeUnknown(exception);
        }
    }
}
