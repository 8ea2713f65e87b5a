using EventStream.PostgreSql.Database;

namespace EventStream.PostgreSql.Appending;

/// <summary>Appends records: one round trip that takes the channels' locks, and one that writes and commits.</summary>
internal sealed class Appender(LogDatabase database)
{
    public async ValueTask<IReadOnlyList<EventStreamPosition>> AppendAsync(IReadOnlyList<EventStreamLogRecord> records, CancellationToken cancellationToken)
    {
        foreach (var record in records)
        {
            if (RecordText.Fault(record) is { } fault) throw new EventStreamLogException(fault);
        }

        var locks = new ChannelLocks(database.Sql, records);
        while (true)
        {
            var positions = await database.RunAsync(LogWork.Append, (transaction, token) => TryAppendAsync(locks, transaction, token), cancellationToken);
            if (positions is not null) return positions;

            // In a transaction of its own: an append that makes a channel while it holds others could wait for one that waits for it.
            await database.RunAsync(LogWork.Append, (transaction, token) => CreateChannelsAsync(locks, transaction, token), cancellationToken);
        }
    }

    private async ValueTask<EventStreamPosition[]?> TryAppendAsync(ChannelLocks locks, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var reading = transaction.CreateBatch();
        if (await locks.TakeAsync(transaction, reading, cancellationToken) is not { } plan) return null;

        // Only repetitions: there is nothing to write.
        if (!plan.Changed.Any()) return plan.Positions;
        await using var writing = transaction.CreateBatch();
        writing.Add(plan, database.Sql);
        await LogTransaction.CommitAsync(writing, cancellationToken);
        return plan.Positions;
    }

    private static async ValueTask<bool> CreateChannelsAsync(ChannelLocks locks, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        locks.AddCreation(batch);
        await LogTransaction.CommitRepeatableAsync(batch, cancellationToken);
        return true;
    }
}
