using EventStream.PostgreSql.Database;

namespace EventStream.PostgreSql.Appending;

/// <summary>Appends records: in one round trip, or in one that takes the channels' locks and one that writes, where the state of the log decides what is written, and after a silence.</summary>
internal sealed class Appender(LogDatabase database)
{
    private static readonly TimeSpan Trust = TimeSpan.FromMilliseconds(20);

    // The timestamp until which connections are taken to be alive.
    private long _trustedUntil = long.MinValue;

    public async ValueTask<IReadOnlyList<EventStreamPosition>> AppendAsync(IReadOnlyList<EventStreamLogRecord> records, CancellationToken cancellationToken)
    {
        foreach (var record in records)
        {
            if (RecordText.Fault(record) is { } fault) throw new EventStreamLogException(fault);
        }

        // A connection that has died would leave the outcome of a commit unknown. Who appends all the time hears of it soon, and the pool drops the others; after a silence it is asked before it writes.
        var statements = new AppendStatements(database.Sql.Append, records);
        var isAtOnce = !statements.DependOnState && database.Time.GetTimestamp() < Volatile.Read(ref _trustedUntil);
        while (true)
        {
            var (positions, hasAllChannels) = await database.RunAsync(
                LogWork.Append,
                (transaction, token) => isAtOnce ? TryAtOnceAsync(statements, records, transaction, token) : TryAsync(statements, records, transaction, token),
                cancellationToken);
            if (positions is not null)
            {
                Volatile.Write(ref _trustedUntil, database.Time.GetTimestamp() + (long)(Trust.TotalSeconds * database.Time.TimestampFrequency));
                return positions;
            }

            // In a transaction of its own: an append that makes a channel while it holds others could wait for one that waits for it.
            if (!hasAllChannels) await database.RunAsync(LogWork.Append, (transaction, token) => CreateChannelsAsync(statements, transaction, token), cancellationToken);
            else isAtOnce = false;
        }
    }

    /// <summary>Without knowing the state: if it is not as assumed, nothing is written.</summary>
    private async ValueTask<Attempt> TryAtOnceAsync(AppendStatements statements, IReadOnlyList<EventStreamLogRecord> records, LogTransaction transaction, CancellationToken cancellationToken)
    {
        var plan = new AppendPlan(records, LogState.Assumed);
        await using var batch = transaction.CreateBatch();
        statements.AddWrite(batch, plan, database.Identity.Fingerprint);
        return await transaction.CommitAsync(
            batch,
            async (reader, token) =>
            {
                var (state, isWritten) = await AppendStatements.ReadWrittenAsync(reader, token);
                return new Attempt(isWritten ? plan.PositionsOf(records, state) : null, statements.FindAll(state));
            },
            cancellationToken);
    }

    private static async ValueTask<Attempt> TryAsync(AppendStatements statements, IReadOnlyList<EventStreamLogRecord> records, LogTransaction transaction, CancellationToken cancellationToken)
    {
        if (await ReadStateAsync(statements, transaction, cancellationToken) is not { } state) return new(null, false);
        var plan = new AppendPlan(records, state);
        if (!plan.IsEmpty)
        {
            await using var batch = transaction.CreateBatch();
            statements.AddWrite(batch, plan);
            await transaction.CommitAsync(batch, AppendStatements.ReadWrittenAsync, cancellationToken);
        }

        return new(plan.PositionsOf(records, state), true);
    }

    /// <summary>Null if a channel does not exist.</summary>
    private static async ValueTask<LogState?> ReadStateAsync(AppendStatements statements, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        statements.AddLock(batch);
        await using var reader = await transaction.ReadAsync(batch, cancellationToken);
        var state = await statements.ReadStateAsync(reader, cancellationToken);
        return statements.FindAll(state) ? state : null;
    }

    private static async ValueTask<bool> CreateChannelsAsync(AppendStatements statements, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        statements.AddCreate(batch);
        await LogTransaction.CommitRepeatableAsync(batch, cancellationToken);
        return true;
    }

    /// <summary>What became of an attempt.</summary>
    /// <param name="Positions">Null: nothing was written.</param>
    /// <param name="HasAllChannels">Whether all channels exist.</param>
    private readonly record struct Attempt(EventStreamPosition[]? Positions, bool HasAllChannels);
}
