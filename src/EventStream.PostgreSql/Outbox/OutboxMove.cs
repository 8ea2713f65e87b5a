using EventStream.PostgreSql.Appending;
using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Diagnostics;
using EventStream.PostgreSql.Sql;

namespace EventStream.PostgreSql.Outbox;

/// <summary>Moves the first rows of the outbox into the log, in one transaction, under the lock by which one node at a time does it.</summary>
internal sealed class OutboxMove(LogDatabase database)
{
    /// <summary>So that a full outbox of large messages does not fill the memory.</summary>
    internal const long MostBytes = 4 * 1024 * 1024;

    private readonly string _lock = SchemaLock.NameOf(database.Sql.Schema, "outbox");

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
        if (await TryLockAsync(transaction, cancellationToken) is not true and var locked) return locked;
        Taken = await TakeAsync(most, transaction, cancellationToken);
        if (Taken.Count == 0) return false;
        EventStreamLogRecord[] records = [.. Taken.SelectMany(row => row.Records)];
        var statements = new AppendStatements(database.Sql.Append, records);
        var state = await LockAsync(statements, transaction, cancellationToken);
        var plan = new AppendPlan(records, state);
        await using var writing = transaction.CreateBatch();
        if (!plan.IsEmpty) statements.AddWrite(writing, plan);
        await transaction.CommitRepeatableAsync(writing, cancellationToken);
        WarnOfDropped(records, plan.PositionsOf(records, state));
        return true;
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

    /// <summary>True: the lock is held, and there is something to move; false: there is nothing; null: another node has the lock.</summary>
    private async ValueTask<bool?> TryLockAsync(LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        batch.Add(SessionSql.TryLock).With(_lock);
        batch.Add(database.Sql.Outbox.IsFilled);
        await using var reader = await transaction.ReadAsync(batch, cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var isLocked = reader.GetBoolean(0);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return !reader.GetBoolean(0) ? false : isLocked ? true : null;
    }

    private async ValueTask<List<OutboxRow>> TakeAsync(int most, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        batch.Add(database.Sql.Outbox.Take).With(most).With(MostBytes);
        await using var reader = await transaction.ReadAsync(batch, cancellationToken);
        List<OutboxRow> rows = [];
        while (await reader.ReadAsync(cancellationToken)) rows.Add(OutboxRow.Read(reader));
        rows.Sort((one, other) => one.Id.CompareTo(other.Id));
        return rows;
    }

    private void WarnOfDropped(EventStreamLogRecord[] records, EventStreamPosition[] positions)
    {
        foreach (var channel in records.Where((_, place) => positions[place] == default).Select(record => record.Channel).Distinct(StringComparer.Ordinal))
        {
            Log.OutboxMessageDropped(database.Logger, channel);
        }
    }
}
