namespace EventStream.PostgreSql;

/// <summary>
/// How much of a channel is kept in the database: what exceeds any of the limits is deleted, the oldest first, each
/// <see cref="PostgreSqlLogOptions.RetentionInterval"/>.
/// </summary>
/// <remarks>A client that comes back with a position that is not retained any more is told of a gap.</remarks>
public sealed record PostgreSqlRetention
{
    /// <summary>How long a message is kept, by the database's clock.</summary>
    /// <value>7 days by default; from 1 s to 3650 days. Null: age is no limit, and no channel is forgotten.</value>
    /// <remarks>
    /// A channel without messages, to which nothing was published, is forgotten after twice that time, at least 30 days. A complete one is
    /// forgotten after that time.
    /// </remarks>
    public TimeSpan? MaxAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How many messages are kept, counted by their sequences: those that were replaced count.</summary>
    /// <value>100,000 by default; at least 1. Null: the count is no limit.</value>
    public long? MaxCount { get; init; } = 100_000;

    /// <summary>How many bytes of messages are kept, as they are on the wire.</summary>
    /// <value>Null by default: size is no limit. Otherwise at least 1024.</value>
    /// <remarks>Those that were replaced count, and the newest is kept whatever its size.</remarks>
    public long? MaxBytes { get; init; }
}
