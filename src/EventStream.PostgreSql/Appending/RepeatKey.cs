namespace EventStream.PostgreSql.Appending;

/// <summary>Identifies a message or list that may be repeated.</summary>
/// <param name="Channel">The channel's name.</param>
/// <param name="Key">The idempotency key.</param>
/// <param name="IsList">Whether it is the key of a list. A list and a message may have the same key.</param>
internal readonly record struct RepeatKey(string Channel, string Key, bool IsList)
{
    /// <summary>The key of a record; null if it has none.</summary>
    public static RepeatKey? Of(EventStreamLogRecord record) =>
        record.Metadata?.IdempotencyKey is { } key ? new(record.Channel, key, record.Part is not null) : null;
}
