namespace EventStream.PostgreSql.Appending;

/// <summary>By what a repetition is known: lists have a space of their own.</summary>
/// <param name="Channel">The channel's name.</param>
/// <param name="Key">The idempotency key.</param>
/// <param name="IsList">Whether it is that of a list.</param>
internal readonly record struct RepeatKey(string Channel, string Key, bool IsList)
{
    /// <summary>The key of a record; null if it has none.</summary>
    public static RepeatKey? Of(EventStreamLogRecord record) =>
        record.Metadata?.IdempotencyKey is { } key ? new(record.Channel, key, record.Part is not null) : null;
}
