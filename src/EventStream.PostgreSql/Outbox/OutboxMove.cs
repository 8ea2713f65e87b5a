using EventStream.PostgreSql.Appending;
using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Diagnostics;
using EventStream.PostgreSql.Sql;

namespace EventStream.PostgreSql.Outbox;

/// <summary>Moves the first rows of the outbox into the log, in one transaction and one node at a time.</summary>
internal sealed class OutboxMove(LogDatabase database, MovedMessages moved)
{
    /// <summary>The most bytes of one move, so that a full outbox of large messages does not fill the memory.</summary>
    internal const long MostBytes = 4 * 1024 * 1024;

    private readonly NodeLock _lock = new(database, "outbox");

    /// <summary>The rows of the last attempt. Owned by the <see cref="Sequencer"/>'s loop.</summary>
    public IReadOnlyList<OutboxRow> Taken { get; private set; } = [];

    /// <param name="most">How many rows at most.</param>
    /// <param name="cancellationToken">Cancels the move.</param>
    /// <returns>Whether there may be more rows; null if another node is moving.</returns>
    public ValueTask<bool?> RunAsync(int most, CancellationToken cancellationToken)
    {
        Taken = [];
        return database.RunAsync(LogWork.Outbox, (transaction, token) => MoveAsync(most, transaction, token), cancellationToken);
    }

    /// <summary>Marks a row as rejected, so that it stays in the outbox and does not block the rows behind it.</summary>
    public ValueTask<bool> RejectAsync(OutboxRow row, string reason, CancellationToken cancellationToken) =>
        database.RunAsync(
            LogWork.Outbox,
            async (transaction, token) =>
            {
                await using var batch = transaction.CreateBatch();
                batch.Add(database.Sql.Outbox.Reject).With(row.Id).With(reason);
                await transaction.CommitRepeatableAsync(batch, token);
                return true;
            },
            cancellationToken);

    private async ValueTask<bool?> MoveAsync(int most, LogTransaction transaction, CancellationToken cancellationToken)
    {
        var (isLocked, found) = await TakeAsync(most, transaction, cancellationToken);
        if (!isLocked && found > 0)
        {
            await _lock.CheckHolderAsync(transaction, cancellationToken);
            return null;
        }

        // Rows that were found but not taken: another node has moved them meanwhile, or they exceed the most bytes.
        if (Taken.Count > 0) await AppendAsync([.. Taken.SelectMany(row => row.Records)], transaction, cancellationToken);
        return found == most || found > Taken.Count;
    }

    private async ValueTask AppendAsync(EventStreamLogRecord[] records, LogTransaction transaction, CancellationToken cancellationToken)
    {
        var statements = new AppendStatements(database.Sql, records);
        var state = await LockAsync(statements, transaction, cancellationToken);
        var plan = new AppendPlan(records, state);
        await using var writing = transaction.CreateBatch();
        if (!plan.IsEmpty) statements.AddWrite(writing, plan);
        await transaction.CommitRepeatableAsync(writing, cancellationToken);
        Report(records, plan.PositionsOf(records, state));
    }

    private static async ValueTask<LogState> LockAsync(
        AppendStatements statements, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        statements.AddCreate(batch);
        statements.AddLock(batch);
        await using var reader = await transaction.ReadAsync(batch, cancellationToken);
        var state = await statements.ReadStateAsync(reader, cancellationToken);

        // Retention may delete a channel while this transaction waits for the locks of others. The rows stay, and the next move takes them.
        if (statements.FindAll(state)) return state;
        throw new InvalidOperationException(
            "Retention deleted a channel just before its messages were moved into it. The node tries again.");
    }

    /// <summary>Takes the lock if it is free, and then the first rows.</summary>
    /// <returns>Whether the lock was taken, and how many rows were found.</returns>
    private async ValueTask<(bool IsLocked, long Found)> TakeAsync(
        int most, LogTransaction transaction, CancellationToken cancellationToken)
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

    /// <summary>Counts the published messages, and logs those that were dropped because their channel is complete.</summary>
    private void Report(EventStreamLogRecord[] records, EventStreamPosition?[] positions)
    {
        foreach (var group in records.Zip(positions).GroupBy(one => (one.First.Channel, IsDropped: one.Second is null)))
        {
            if (group.Key.IsDropped) Log.OutboxMessageDropped(database.Logger, group.Key.Channel);
            else moved.Report(group.Key.Channel, group.Count());
        }
    }
}
