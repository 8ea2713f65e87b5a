using Npgsql;

namespace EventStream.PostgreSql.Reading;

/// <summary>Reads a row of a page.</summary>
/// <remarks>
/// The row has columns of the channel, then those of a message, and then more columns of the channel. Those of the message are null if
/// there is none.
/// </remarks>
internal static class PageRow
{
    public static EventStreamLogPage Page(NpgsqlDataReader row) => row.IsDBNull(1)
        ? new() { Origin = row.GetString(13), ReadAt = new DateTimeOffset(row.GetDateTime(16)) }
        : new()
        {
            Origin = row.GetString(13),
            Epoch = row.GetString(1),
            Newest = row.GetInt64(2),
            BeforeOldest = row.GetInt64(3),
            IsComplete = row.GetBoolean(4),
            Continues = row.IsDBNull(14) ? null : new EventStreamPosition(row.GetString(14), row.GetInt64(15)),
            ReadAt = new DateTimeOffset(row.GetDateTime(16)),
            Run = row.IsDBNull(17) ? null : (EventStreamRunState)row.GetInt32(17),
            AreReadersTold = row.GetBoolean(18),
            Records = new List<EventStreamStoredRecord>(),
        };

    public static bool HasRecord(NpgsqlDataReader row) => !row.IsDBNull(5);

    public static EventStreamStoredRecord Record(NpgsqlDataReader row) => new(
        row.GetInt64(5),
        row.GetFieldValue<byte[]>(12),
        TextAt(row, 7),
        Metadata(row),
        new DateTimeOffset(row.GetDateTime(6)));

    private static EventStreamMetadata? Metadata(NpgsqlDataReader row)
    {
        var (key, user, sender, tag) = (TextAt(row, 8), TextAt(row, 9), TextAt(row, 10), TextAt(row, 11));
        var isEmpty = key is null && user is null && sender is null && tag is null;
        return isEmpty ? null : new() { Key = key, User = user, Sender = sender, Tag = tag };
    }

    private static string? TextAt(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
