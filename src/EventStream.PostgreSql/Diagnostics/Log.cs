using Microsoft.Extensions.Logging;

namespace EventStream.PostgreSql.Diagnostics;

/// <summary>Everything the package logs, under the category <c>EventStream.PostgreSql</c>.</summary>
internal static partial class Log
{
    public const string Category = "EventStream.PostgreSql";

    [LoggerMessage(
        1, LogLevel.Warning, "The log's database is unavailable. Subscribers stay connected, and the node tries again. {Reason}")]
    public static partial void DatabaseUnavailable(ILogger logger, Exception exception, string reason);

    [LoggerMessage(2, LogLevel.Information, "The log's database is available again.")]
    public static partial void DatabaseAvailable(ILogger logger);

    [LoggerMessage(
        3,
        LogLevel.Warning,
        "The log has another history: a backup was restored. All {Count} channels have new epochs, "
        + "and their subscribers receive a gap. The identity was {Stored}, and is {Current}.")]
    public static partial void HistoryReplaced(ILogger logger, int count, string stored, string current);

    [LoggerMessage(4, LogLevel.Information, "The database is not available yet. The app's start waits for it up to {Timeout}. {Reason}")]
    public static partial void StartWaits(ILogger logger, TimeSpan timeout, string reason);

    [LoggerMessage(
        5,
        LogLevel.Warning,
        "A message that a transaction published to the channel {Channel} was dropped, because the channel is complete.")]
    public static partial void OutboxMessageDropped(ILogger logger, string channel);

    [LoggerMessage(
        6,
        LogLevel.Error,
        "The database rejected a message that a transaction published to the channel {Channel}. It stays in the outbox, in the row {Id}, "
        + "with the reason in the column refused. Remove the cause, and set that column to null: the node then tries again.")]
    public static partial void OutboxMessageRejected(ILogger logger, Exception exception, string channel, long id);

    [LoggerMessage(8, LogLevel.Warning, "The app's start still waits for the database, up to {Timeout}: {Reason}")]
    public static partial void StartStillWaits(ILogger logger, TimeSpan timeout, string reason);

    [LoggerMessage(
        9,
        LogLevel.Warning,
        "The database did not answer the work {Work} within {Timeout} after the app's stop. The node abandons the connection.")]
    public static partial void LoopAbandoned(ILogger logger, Database.LogWork work, TimeSpan timeout);

    [LoggerMessage(
        11,
        LogLevel.Warning,
        "A notification that this node sent to itself did not arrive, so its subscribers get messages up to {PollInterval} late. "
        + "The usual cause is a connection pooler in transaction mode (PgBouncer: pool_mode=transaction). "
        + "Connect to the server directly, or through a pooler in session mode.")]
    public static partial void NotificationsDoNotArrive(ILogger logger, TimeSpan pollInterval);

    [LoggerMessage(12, LogLevel.Information, "The database's notifications arrive again.")]
    public static partial void NotificationsArrive(ILogger logger);

    [LoggerMessage(
        13,
        LogLevel.Warning,
        "A standby was promoted, or the server was recovered to a point in time. All {Count} channels have new epochs. "
        + "Subscribers continue where they were. Those that have read messages which this server does not have receive a gap. "
        + "The identity was {Stored}, and is {Current}.")]
    public static partial void HistoryContinues(ILogger logger, int count, string stored, string current);

    [LoggerMessage(7, LogLevel.Debug, "Retention deleted {Messages} messages and {Channels} channels.")]
    public static partial void Retained(ILogger logger, long messages, int channels);
}
