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
        await LogTransaction.CommitRepeatableAsync(batch, token);
        return true;
    }, cancellationToken);

    private async ValueTask<bool?> MoveAsync(int most, LogTransaction transaction, CancellationToken cancellationToken)
    {
        if (await TryLockAsync(transaction, cancellationToken) is not true and var locked) return locked;
        Taken = await TakeAsync(most, transaction, cancellationToken);
        if (Taken.Count == 0) return false;
        EventStreamLogRecord[] records = [.. Taken.Select(row => row.Record)];
        var locks = new ChannelLocks(database.Sql, records);
        await using var locking = transaction.CreateBatch();
        locks.AddCreation(locking);
        var plan = await locks.TakeAsync(transaction, locking, cancellationToken) ?? throw new InvalidOperationException("A channel that was just made is not there.");
        await using var writing = transaction.CreateBatch();
        writing.Add(plan, database.Sql);
        await LogTransaction.CommitRepeatableAsync(writing, cancellationToken);
        WarnOfDropped(records, plan.Positions);
        return true;
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
