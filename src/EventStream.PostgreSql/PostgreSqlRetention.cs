namespace EventStream.PostgreSql;

/// <summary>How many messages of a channel the database retains.</summary>
/// <remarks>
/// Each <see cref="PostgreSqlLogOptions.RetentionInterval"/>, a node deletes the oldest messages that exceed any of the limits. A client
/// that resumes from a position that is no longer retained receives a gap.
/// </remarks>
public sealed record PostgreSqlRetention
{
    /// <summary>How long a message is retained, by the database's clock.</summary>
    /// <value>7 days by default; from 1 s to 3650 days. Null: no limit, and channels are never deleted.</value>
    /// <remarks>
    /// A channel without messages is deleted if nothing was published to it for twice that time, at least 30 days. A complete channel is
    /// deleted after that time.
    /// </remarks>
    public TimeSpan? MaxAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How many messages are retained, counted by their sequences; replaced messages count too.</summary>
    /// <value>100,000 by default; at least 1. Null: no limit.</value>
    public long? MaxCount { get; init; } = 100_000;

    /// <summary>How many bytes of messages are retained, in their size on the wire.</summary>
    /// <value>Null by default: no limit. Otherwise at least 1024.</value>
    /// <remarks>Replaced messages count too. The newest message is retained at any size.</remarks>
    public long? MaxBytes { get; init; }
}
