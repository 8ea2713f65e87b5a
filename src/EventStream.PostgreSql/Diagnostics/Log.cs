using Microsoft.Extensions.Logging;

namespace EventStream.PostgreSql.Diagnostics;

/// <summary>Everything the package logs, under the category <c>EventStream.PostgreSql</c>.</summary>
internal static partial class Log
{
    public const string Category = "EventStream.PostgreSql";

    [LoggerMessage(1, LogLevel.Warning, "The database of the log cannot be used; subscribers stay connected, and it is tried again. {Reason}")]
    public static partial void DatabaseWentAway(ILogger logger, Exception exception, string reason);

    [LoggerMessage(2, LogLevel.Information, "The database of the log can be used again.")]
    public static partial void DatabaseIsBack(ILogger logger);

    [LoggerMessage(
        3,
        LogLevel.Warning,
        "The log has another history than before: a backup was restored. All {Count} channels have new epochs, "
        + "and their subscribers are told of a gap. It was {Stored}, and is {Current}.")]
    public static partial void HistoryIsAnother(ILogger logger, int count, string stored, string current);

    [LoggerMessage(4, LogLevel.Information, "The database cannot be reached yet; the app's start waits for it up to {Timeout}. {Reason}")]
    public static partial void StartWaits(ILogger logger, TimeSpan timeout, string reason);

    [LoggerMessage(5, LogLevel.Warning, "A message that was published to the channel {Channel} in a transaction was dropped, because the channel is complete.")]
    public static partial void OutboxMessageDropped(ILogger logger, string channel);

    [LoggerMessage(6, LogLevel.Error, "A message that was published to the channel {Channel} in a transaction was refused by the database. It stays in the outbox, in the row {Id}, with the reason in the column refused; set that to null to have it tried again.")]
    public static partial void OutboxMessageRefused(ILogger logger, Exception exception, string channel, long id);

    [LoggerMessage(8, LogLevel.Warning, "The app's start still waits for the database, up to {Timeout}: {Reason}")]
    public static partial void StartStillWaits(ILogger logger, TimeSpan timeout, string reason);

    [LoggerMessage(9, LogLevel.Warning, "The database did not answer the work {Work} within {Moment} of the app's stop. Its connection is abandoned.")]
    public static partial void LoopAbandoned(ILogger logger, Database.LogWork work, TimeSpan moment);

    [LoggerMessage(
        11,
        LogLevel.Warning,
        "A notification that this node sent itself did not arrive, so its subscribers get messages up to {PollInterval} late. "
        + "The usual cause is a connection pooler in transaction mode (PgBouncer: pool_mode=transaction). "
        + "Connect to the server directly, or through a pooler in session mode.")]
    public static partial void NotificationsDoNotArrive(ILogger logger, TimeSpan pollInterval);

    [LoggerMessage(12, LogLevel.Information, "The database's notifications arrive again.")]
    public static partial void NotificationsArrive(ILogger logger);

    [LoggerMessage(
        13,
        LogLevel.Warning,
        "Another server has taken over the log, or it was recovered to a point in time. All {Count} channels have new epochs. "
        + "Subscribers go on where they were. Those that have read messages which this server does not have are told of a gap. "
        + "It was {Stored}, and is {Current}.")]
    public static partial void HistoryGoesOn(ILogger logger, int count, string stored, string current);

    [LoggerMessage(7, LogLevel.Debug, "{Messages} messages and {Channels} channels were not to be kept any longer, and were deleted.")]
    public static partial void Retained(ILogger logger, long messages, int channels);
}
