using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Outbox;

/// <summary>A record in the outbox.</summary>
/// <param name="Id">Its place: rows of one transaction have theirs in the order in which they were published.</param>
/// <param name="Record">What is to be appended.</param>
internal sealed record OutboxRow(long Id, EventStreamLogRecord Record)
{
    /// <summary>By the columns of <see cref="OutboxSql.Take"/>.</summary>
    public static OutboxRow Read(NpgsqlDataReader row) => new(row.GetInt64(9), new()
    {
        Channel = row.GetString(0),
        Replaces = row.GetBoolean(1),
        Event = TextAt(row, 2),
        Metadata = new() { Key = TextAt(row, 3), User = TextAt(row, 4), Sender = TextAt(row, 5), Tag = TextAt(row, 6), IdempotencyKey = TextAt(row, 7) },
        Frame = row.GetFieldValue<byte[]>(8),
    });

    public static void AddInsertion(NpgsqlBatch batch, EventStreamLogRecord record, OutboxSql sql)
    {
        var metadata = record.Metadata;
        batch.Add(sql.Insert)
            .With(record.Channel).With(record.Replaces).With(record.Event)
            .With(metadata?.Key).With(metadata?.User).With(metadata?.Sender).With((string?)metadata?.Tag).With(metadata?.IdempotencyKey)
            .With(record.Frame);
        batch.Add(sql.Notify);
    }

    private static string? TextAt(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
