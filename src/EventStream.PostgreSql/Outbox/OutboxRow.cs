using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Outbox;

/// <summary>What was published by one call, in the outbox: a message, or messages that are moved together.</summary>
/// <param name="Id">Its place: rows of one transaction have theirs in the order in which they were published.</param>
/// <param name="Records">What is to be appended. All are of one channel, and have the same metadata.</param>
internal sealed record OutboxRow(long Id, IReadOnlyList<EventStreamLogRecord> Records)
{
    /// <summary>The name of the channel.</summary>
    public string Channel => Records[0].Channel;

    /// <summary>By the columns of <see cref="OutboxSql.Take"/>, which begin at <paramref name="at"/>.</summary>
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
        return new(row.GetInt64(at + 10), [.. frames.Select((frame, i) => first with { Event = events[i], Frame = frame, Part = PartAt(i) })]);

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
