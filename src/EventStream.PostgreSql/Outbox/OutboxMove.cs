using EventStream.PostgreSql.Appending;
using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Diagnostics;
using EventStream.PostgreSql.Sql;

namespace EventStream.PostgreSql.Outbox;

/// <summary>
/// Moves the first rows of the outbox into the log, in one transaction, under the lock by which one node at a time does it.
/// </summary>
internal sealed class OutboxMove(LogDatabase database, MovedMessages moved)
{
    /// <summary>So that a full outbox of large messages does not fill the memory.</summary>
    internal const long MostBytes = 4 * 1024 * 1024;

    private readonly NodeLock _lock = new(database, "outbox");

    /// <summary>The rows of the last attempt. Owned by the one loop that moves.</summary>
    public IReadOnlyList<OutboxRow> Taken { get; private set; } = [];

    /// <param name="most">How many rows at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether there may be more; null: another node is at it.</returns>
    public ValueTask<bool?> RunAsync(int most, CancellationToken cancellationToken)
    {
        Taken = [];
        return database.RunAsync(LogWork.Outbox, (transaction, token) => MoveAsync(most, transaction, token), cancellationToken);
    }

    /// <summary>Marks a row, so that it stays and holds nobody back.</summary>
    public ValueTask<bool> RefuseAsync(OutboxRow row, string reason, CancellationToken cancellationToken) => database.RunAsync(LogWork.Outbox, async (transaction, token) =>
    {
        await using var batch = transaction.CreateBatch();
        batch.Add(database.Sql.Outbox.Refuse).With(row.Id).With(reason);
        await transaction.CommitRepeatableAsync(batch, token);
        return true;
    }, cancellationToken);

    private async ValueTask<bool?> MoveAsync(int most, LogTransaction transaction, CancellationToken cancellationToken)
    {
        var (isLocked, found) = await TakeAsync(most, transaction, cancellationToken);
        if (!isLocked && found > 0)
        {
            await _lock.CheckHolderAsync(transaction, cancellationToken);
            return null;
        }

        // The rows that were found, but not taken, may be all that another node has left, or too many bytes.
        if (Taken.Count > 0) await AppendAsync([.. Taken.SelectMany(row => row.Records)], transaction, cancellationToken);
        return found == most || found > Taken.Count;
    }

    private async ValueTask AppendAsync(EventStreamLogRecord[] records, LogTransaction transaction, CancellationToken cancellationToken)
    {
        var statements = new AppendStatements(database.Sql.Append, records);
        var state = await LockAsync(statements, transaction, cancellationToken);
        var plan = new AppendPlan(records, state);
        await using var writing = transaction.CreateBatch();
        if (!plan.IsEmpty) statements.AddWrite(writing, plan);
        await transaction.CommitRepeatableAsync(writing, cancellationToken);
        Tell(records, plan.PositionsOf(records, state));
    }

    private static async ValueTask<LogState> LockAsync(AppendStatements statements, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        statements.AddCreate(batch);
        statements.AddLock(batch);
        await using var reader = await transaction.ReadAsync(batch, cancellationToken);
        var state = await statements.ReadStateAsync(reader, cancellationToken);

        // Retention may forget one while the locks of others are waited for. Then the rows stay, and are moved the next time.
        return statements.FindAll(state) ? state : throw new InvalidOperationException("A channel was forgotten just before its messages were moved into it.");
    }

    /// <summary>Takes the lock if it is free, and then the first rows. Returns whether it is held, and how many rows were found.</summary>
    private async ValueTask<(bool IsLocked, long Found)> TakeAsync(int most, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        batch.Add(database.Sql.Outbox.Take).With(_lock.Name).With(most).With(MostBytes);
        await using var reader = await transaction.ReadAsync(batch, cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (isLocked, found) = (reader.GetBoolean(0), reader.GetInt64(1));
        List<OutboxRow> rows = [];
        do
        {
            if (!reader.IsDBNull(2)) rows.Add(OutboxRow.Read(reader, 2));
        }
        while (await reader.ReadAsync(cancellationToken));
        rows.Sort((one, other) => one.Id.CompareTo(other.Id));
        Taken = rows;
        return (isLocked, found);
    }

    /// <summary>Counts what was published, and warns of what was dropped because its channel is complete.</summary>
    private void Tell(EventStreamLogRecord[] records, EventStreamPosition?[] positions)
    {
        foreach (var group in records.Zip(positions).GroupBy(one => (one.First.Channel, IsDropped: one.Second is null)))
        {
            if (group.Key.IsDropped) Log.OutboxMessageDropped(database.Logger, group.Key.Channel);
            else moved.Tell(group.Key.Channel, group.Count());
        }
    }
}
