using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Outbox;

/// <summary>A row of the outbox: the message, or the list of messages, of one publish call.</summary>
/// <param name="Id">The row's id. Within a transaction the ids are in the order of the calls.</param>
/// <param name="Records">The records to append. All have the same channel and the same metadata.</param>
internal sealed record OutboxRow(long Id, IReadOnlyList<EventStreamLogRecord> Records)
{
    /// <summary>The name of the channel.</summary>
    public string Channel => Records[0].Channel;

    /// <summary>Reads the columns of <see cref="OutboxSql.Take"/> from <paramref name="at"/> on.</summary>
    public static OutboxRow Read(NpgsqlDataReader row, int at)
    {
        var first = new EventStreamLogRecord
        {
            Channel = row.GetString(at),
            Replaces = row.GetBoolean(at + 1),
            Metadata = new()
            {
                Key = TextAt(row, at + 2),
                User = TextAt(row, at + 3),
                Sender = TextAt(row, at + 4),
                Tag = TextAt(row, at + 5),
                IdempotencyKey = TextAt(row, at + 6),
            },
        };
        var isList = row.GetBoolean(at + 7);
        var events = row.GetFieldValue<string?[]>(at + 8);
        var frames = row.GetFieldValue<byte[][]>(at + 9);
        var records = frames.Select((frame, i) => first with { Event = events[i], Frame = frame, Part = PartAt(i) });
        return new(row.GetInt64(at + 10), [.. records]);

        EventStreamListPart? PartAt(int i) => isList ? new(i + 1, frames.Length) : null;
    }

    public static void AddInsertion(NpgsqlBatch batch, IReadOnlyList<EventStreamLogRecord> records, OutboxSql sql)
    {
        var (first, metadata) = (records[0], records[0].Metadata);
        batch.Add(sql.Insert)
            .With(first.Channel).With(first.Replaces)
            .With(metadata?.Key).With(metadata?.User).With(metadata?.Sender).With((string?)metadata?.Tag).With(metadata?.IdempotencyKey)
            .With(first.Part is not null)
            .With([.. records.Select(record => record.Event)])
            .With([.. records.Select(record => record.Frame)])
            .With(records.Sum(record => (long)record.Frame.Length));
    }

    private static string? TextAt(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
