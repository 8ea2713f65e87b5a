using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Sql;

namespace EventStream.PostgreSql.Outbox;

/// <summary>Detects the commit of an app's transaction in which this node has published.</summary>
/// <remarks>
/// Npgsql does not announce a commit. A notification in the transaction would lock the whole database at its commit, so the app's commits
/// would wait for each other. Therefore the node queries the server, and only while there is such a transaction.
/// </remarks>
internal sealed class CommitWatch(LogDatabase database, OpenTransactions transactions)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(10);

    /// <summary>The pause is the time since the last message divided by this.</summary>
    /// <remarks>So the node queries a long transaction less and less often.</remarks>
    private const int PausesAnAge = 100;

    /// <summary>Waits for the commit of such a transaction, at most one <see cref="PostgreSqlLogOptions.PollInterval"/>.</summary>
    /// <returns>Whether a transaction was committed.</returns>
    /// <exception cref="EventStreamLogException">The query failed.</exception>
    public async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        using var poll = new CancellationTokenSource(database.Options.PollInterval, database.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(poll.Token, cancellationToken);
        while (!either.IsCancellationRequested)
        {
            if (transactions.Age() is not { } age)
            {
                await transactions.AnyAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            await Task.Delay(PauseAt(age), database.Time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (await LookAsync(cancellationToken)) return true;
        }

        return false;
    }

    private static TimeSpan PauseAt(TimeSpan age) => age / PausesAnAge is var pause && pause > ShortestPause ? pause : ShortestPause;

    /// <summary>Removes the transactions that have ended; true if one of them was committed.</summary>
    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        var ids = transactions.Ids();
        var ended = await database.RunAsync(LogWork.Outbox, token => AskAsync(ids, token), cancellationToken);
        transactions.Remove(ended.Keys);
        return ended.ContainsValue(true);
    }

    /// <summary>Queries which transactions have ended, and whether each was committed.</summary>
    private async ValueTask<Dictionary<ulong, bool>> AskAsync(ulong[] ids, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var batch = connection.CreateBatch().Limited();
        batch.Add(OutboxSql.Ended).With(ids);
        await database.PrepareAsync(batch, cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        Dictionary<ulong, bool> ended = [];
        while (await reader.ReadAsync(cancellationToken)) ended.Add(reader.GetFieldValue<ulong>(0), reader.GetBoolean(1));
        return ended;
    }
}
