using EventStream.PostgreSql.Database;

namespace EventStream.PostgreSql.Appending;

/// <summary>Appends records to the log.</summary>
/// <remarks>
/// In one round trip. If the rows to write depend on the log's content, in two: the first locks the channels, the second writes.
/// </remarks>
internal sealed class Appender(LogDatabase database) : IDisposable
{
    private readonly AppendConnections _connections = new(database);

    public async ValueTask<IReadOnlyList<EventStreamPosition?>> AppendAsync(
        IReadOnlyList<EventStreamLogRecord> records, CancellationToken cancellationToken)
    {
        foreach (var record in records)
        {
            if (RecordText.Fault(record) is { } fault) throw new EventStreamLogException(fault);
        }

        var statements = new AppendStatements(database.Sql, records);
        while (true)
        {
            var (positions, hasAllChannels) = await _connections.RunAsync(
                (connection, token) => TryAsync(connection, statements, records, token), cancellationToken);
            if (positions is not null) return positions;

            // In a separate transaction: an append that created a channel while it holds locks could deadlock with another append.
            if (!hasAllChannels)
            {
                await _connections.RunAsync((connection, token) => CreateChannelsAsync(connection, statements, token), cancellationToken);
            }
        }
    }

    public void Dispose() => _connections.Dispose();

    private async ValueTask<Attempt> TryAsync(
        AppendConnection connection,
        AppendStatements statements,
        IReadOnlyList<EventStreamLogRecord> records,
        CancellationToken cancellationToken)
    {
        if (!statements.DependOnState && database.Identity.Fingerprint is { } fingerprint)
        {
            var plan = new AppendPlan(records, LogState.Assumed);
            var (state, isWritten) = await Faults.SameForAllAsync(connection.AppendAsync(plan, fingerprint, cancellationToken));
            if (isWritten) return new(plan.PositionsOf(records, state), true);
            if (!statements.FindAll(state)) return new(null, false);

            // A channel is complete, or the append ends its run, or the server is another one.
        }

        return await TryStepByStepAsync(connection.Begin(), statements, records, cancellationToken);
    }

    private static async ValueTask<Attempt> TryStepByStepAsync(
        LogTransaction transaction,
        AppendStatements statements,
        IReadOnlyList<EventStreamLogRecord> records,
        CancellationToken cancellationToken)
    {
        if (await ReadStateAsync(statements, transaction, cancellationToken) is not { } state) return new(null, false);
        var plan = new AppendPlan(records, state);
        if (!plan.IsEmpty)
        {
            await using var batch = transaction.CreateBatch();
            statements.AddWrite(batch, plan);
            var writing = transaction.CommitAsync(batch, AppendCommand.ReadAsync, cancellationToken);
            if (plan.Replaced.Count == 0) writing = Faults.SameForAllAsync(writing);
            await writing;
        }

        return new(plan.PositionsOf(records, state), true);
    }

    /// <summary>Null if a channel does not exist.</summary>
    private static async ValueTask<LogState?> ReadStateAsync(
        AppendStatements statements, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        statements.AddLock(batch);
        await using var reader = await transaction.ReadAsync(batch, cancellationToken);
        var state = await statements.ReadStateAsync(reader, cancellationToken);
        return statements.FindAll(state) ? state : null;
    }

    private static async ValueTask<bool> CreateChannelsAsync(
        AppendConnection connection, AppendStatements statements, CancellationToken cancellationToken)
    {
        var transaction = connection.Begin();
        await using var batch = transaction.CreateBatch();
        statements.AddCreate(batch);
        await transaction.CommitRepeatableAsync(batch, cancellationToken);
        return true;
    }

    /// <summary>The result of an attempt.</summary>
    /// <param name="Positions">The records' positions; null if nothing was written.</param>
    /// <param name="HasAllChannels">Whether all channels exist.</param>
    private readonly record struct Attempt(EventStreamPosition?[]? Positions, bool HasAllChannels);
}
