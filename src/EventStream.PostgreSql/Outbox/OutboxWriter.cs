using System.Data.Common;
using EventStream.PostgreSql.Appending;
using EventStream.PostgreSql.Database;
using Npgsql;

namespace EventStream.PostgreSql.Outbox;

/// <summary>Puts records into the outbox by a transaction of the caller's.</summary>
internal sealed class OutboxWriter(LogDatabase database, OpenTransactions transactions)
{
    private readonly CallerSessions _sessions = new();

    /// <summary>Puts in what one call publishes: all of one channel, with the same metadata.</summary>
    public async ValueTask WriteAsync(
        IReadOnlyList<EventStreamLogRecord> records, DbTransaction transaction, CancellationToken cancellationToken)
    {
        foreach (var record in records)
        {
            if (RecordText.Fault(record) is { } fault) throw new ArgumentException(fault);
        }

        await using var batch = BatchOf(transaction);
        OutboxRow.AddInsertion(batch, records, database.Sql.Outbox);
        try
        {
            transactions.Add(await InsertAsync(batch, batch.Connection!, cancellationToken));
        }
        catch (PostgresException refusal) when (refusal.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            throw new EventStreamLogException(
                $"The transaction's connection cannot write to the outbox. It must be of the log's own database, and its role needs USAGE on the schema and INSERT on the table: PostgreSQL says: {refusal.MessageText} ({refusal.SqlState})",
                refusal);
        }
        catch (PostgresException lost) when (lost.SqlState is PostgresErrorCodes.InvalidSqlStatementName)
        {
            _sessions.Lost(batch.Connection!);
            throw;
        }
    }

    /// <summary>Returns the transaction's id.</summary>
    private async ValueTask<ulong> InsertAsync(NpgsqlBatch batch, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (_sessions.CanPrepare(connection)) await batch.PrepareAsync(cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        _sessions.Answered(connection, reader.GetInt32(1));
        return reader.GetFieldValue<ulong>(0);
    }

    private static NpgsqlBatch BatchOf(DbTransaction transaction)
    {
        if (transaction is not NpgsqlTransaction own)
        {
            throw new ArgumentException(
                $"The log is in PostgreSQL, and the transaction is a {transaction.GetType()}. Publish in an NpgsqlTransaction: "
                + "of NpgsqlConnection.BeginTransactionAsync, or with EF Core of context.Database.CurrentTransaction.GetDbTransaction().",
                nameof(transaction));
        }

        try
        {
            return new NpgsqlBatch(own.Connection, own);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or InvalidOperationException)
        {
            throw new ArgumentException("The transaction has ended. Publish before it is committed or rolled back.", nameof(transaction), exception);
        }
    }
}
