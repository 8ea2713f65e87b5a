using System.Net.Sockets;
using Npgsql;

namespace EventStream.PostgreSql.Database;

/// <summary>What the database's errors mean for those who publish and read, by SQLSTATE (PostgreSQL's documentation, appendix A).</summary>
internal static class Faults
{
    /// <summary>What is said of a server that does not take writes.</summary>
    public const string Standby = "The server only reads: it is a standby. Name the primary, or all servers with Target Session Attributes=primary, in the connection string.";

    private const string IdleInTransaction = "25P03";

    /// <summary>Whether two transactions stood in each other's way, and this one was taken back for it.</summary>
    public static bool IsCollision(Exception exception) => exception is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure };

    /// <summary>Whether the connection is gone, which tells of the server only when the connection was new.</summary>
    public static bool IsConnectionLoss(Exception exception) => exception switch
    {
        PostgresException refusal => IsFarewell(refusal.SqlState),
        NpgsqlException { InnerException: IOException or SocketException } => true,
        _ => false,
    };

    /// <summary>Whether a commit may have been done although this came in place of its answer.</summary>
    public static bool LeavesOutcomeUnknown(Exception exception) => exception switch
    {
        // An error is an answer: the transaction was taken back. A farewell may come after a commit that was done.
        PostgresException refusal => IsFarewell(refusal.SqlState) || refusal.InvariantSeverity is "FATAL" or "PANIC",
        NpgsqlException => true,
        _ => false,
    };

    /// <summary>Whether the record itself was refused, by a check, a trigger or a limit of PostgreSQL's, and the next one may not be.</summary>
    public static bool IsOfTheRecord(Exception exception) =>
        exception is PostgresException refusal && refusal.SqlState[..2] is "22" or "23" or "44" or "54" or "P0";

    /// <summary>Whether waiting does not help at the app's start, although it may later: the name of a host that has never been there is most likely wrong.</summary>
    public static bool IsUnknownHost(Exception? exception) => exception switch
    {
        null => false,
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData } => true,
        _ => IsUnknownHost(exception.InnerException),
    };

    public static EventStreamLogException OutcomeUnknown(Exception exception) => new(
        $"The connection to the database was lost while it committed, so the messages may have been published: {exception.Message} Publish them again with the same IdempotencyKey, if they had one.",
        exception)
    {
        IsOutcomeUnknown = true,
        IsTransient = true,
    };

    public static EventStreamLogException Explain(Exception exception) => exception switch
    {
        EventStreamLogException explained => explained,
        PostgresException refusal => Explain(refusal),
        ObjectDisposedException => new("The connections to the database were closed, because the app is stopping.", exception),
        _ when IsUnknownHost(exception) => new("The database's host is not known. Check Host in the connection string, and the name server.", exception) { IsTransient = true },
        NpgsqlException { InnerException: System.Security.Authentication.AuthenticationException } => new($"The encrypted connection to the database was refused: {exception.InnerException.Message}", exception),
        NpgsqlException { IsTransient: true } or TimeoutException or IOException or SocketException =>
            new($"The database is out of reach: {Innermost(exception).Message}", exception) { IsTransient = true },
        _ => new($"The database could not be used: {exception.Message}", exception),
    };

    private static bool IsFarewell(string state) =>
        state is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.IdleSessionTimeout or IdleInTransaction || state.StartsWith("08", StringComparison.Ordinal);

    private static EventStreamLogException Explain(PostgresException refusal)
    {
        var said = $"PostgreSQL says: {refusal.MessageText} ({refusal.SqlState})";
        return refusal.SqlState switch
        {
            PostgresErrorCodes.InsufficientPrivilege => new($"The app's role lacks a right. Grant it USAGE on the schema, and SELECT, INSERT, UPDATE and DELETE on its tables; where the app is to make the schema, CREATE on the database. {said}", refusal),
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.UndefinedColumn =>
                new($"The log's tables are not there, or are not what this version of the package needs. Start the app with CreateSchema, or apply PostgreSqlSchema.Script. {said}", refusal),
            PostgresErrorCodes.InvalidCatalogName => new($"There is no such database. Create it, or correct Database in the connection string. {said}", refusal),
            PostgresErrorCodes.DiskFull => new($"The database's disk is full. Make room on it, or keep less (PostgreSqlLogOptions.Retention). {said}", refusal),
            PostgresErrorCodes.LockNotAvailable => new($"A channel of the log is locked by another transaction for too long. {said}", refusal) { IsTransient = true },
            PostgresErrorCodes.TooManyConnections => new($"The database takes no more connections. Raise its max_connections, or lower the pools' sizes. {said}", refusal) { IsTransient = true },
            PostgresErrorCodes.ReadOnlySqlTransaction => new($"{Standby} {said}", refusal) { IsTransient = true },
            var state when state.StartsWith("28", StringComparison.Ordinal) => new($"The database refuses the login. Check Username and Password in the connection string, and the server's pg_hba.conf. {said}", refusal),
            var state when IsFarewell(state) || state is PostgresErrorCodes.CannotConnectNow => new($"The database is out of reach. {said}", refusal) { IsTransient = true },
            _ when IsOfTheRecord(refusal) => new($"The database refused a message, and all that were to be appended with it. {said}", refusal),
            _ => new($"The database could not do it. {said}", refusal) { IsTransient = refusal.IsTransient || refusal.SqlState is PostgresErrorCodes.QueryCanceled || IsCollision(refusal) },
        };
    }

    private static Exception Innermost(Exception exception) => exception.InnerException is { } inner ? Innermost(inner) : exception;
}
