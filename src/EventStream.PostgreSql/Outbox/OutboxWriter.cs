using System.Data.Common;
using EventStream.PostgreSql.Appending;
using EventStream.PostgreSql.Database;
using Npgsql;

namespace EventStream.PostgreSql.Outbox;

/// <summary>Writes records into the outbox, in the app's transaction.</summary>
internal sealed class OutboxWriter(LogDatabase database, OpenTransactions transactions)
{
    private readonly CallerSessions _sessions = new();

    /// <summary>Writes the records of one publish call, which have the same channel and metadata.</summary>
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
        catch (PostgresException refusal) when (refusal.SqlState is PostgresErrorCodes.InsufficientPrivilege
            or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            throw new EventStreamLogException(
                "The transaction's connection cannot write to the outbox. Use a connection to the log's own database, "
                + "and grant its role USAGE on the schema and INSERT on the table outbox. "
                + $"PostgreSQL says: {refusal.MessageText} ({refusal.SqlState})",
                refusal);
        }
        catch (PostgresException lost) when (lost.SqlState is PostgresErrorCodes.InvalidSqlStatementName)
        {
            _sessions.Lost(batch.Connection!);
            throw;
        }
    }

    /// <summary>Executes the insertion, and returns the transaction's id.</summary>
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
                $"The log is in PostgreSQL, but the transaction is a {transaction.GetType()}. Publish in an NpgsqlTransaction. Get it from "
                + "NpgsqlConnection.BeginTransactionAsync, or in EF Core from context.Database.CurrentTransaction.GetDbTransaction().",
                nameof(transaction));
        }

        try
        {
            return new NpgsqlBatch(own.Connection, own);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or InvalidOperationException)
        {
            throw new ArgumentException(
                "The transaction has ended. Publish before the app commits it or rolls it back.", nameof(transaction), exception);
        }
    }
}
