using System.Net.Sockets;
using System.Security.Authentication;
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

    /// <summary>Whether the record itself was rejected, and the next one may not be: by a check, a policy, a trigger or a limit.</summary>
    public static bool IsOfTheRecord(Exception exception) => exception is PostgresException refusal
        && (refusal.SqlState[..2] is "22" or "23" or "44" or "54" or "P0"
            || ((IsRaisedInside(refusal) || IsByPolicy(refusal)) && !IsTransient(refusal)));

    /// <summary>
    /// Whether waiting does not help at the app's start, although it may later: the name of a host that has never been there is most likely
    /// wrong.
    /// </summary>
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

    /// <summary>Waits for a statement that is the same for all records, or all reads. A missing right fails each of them.</summary>
    public static async ValueTask<T> SameForAllAsync<T>(ValueTask<T> statement)
    {
        try
        {
            return await statement;
        }
        catch (PostgresException refusal) when (refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege && !IsOfTheRecord(refusal))
        {
            throw Explain(refusal, rejectsAll: true);
        }
    }

    public static EventStreamLogException Explain(Exception exception) => exception switch
    {
        EventStreamLogException explained => explained,
        PostgresException refusal => Explain(refusal, RejectsAll(refusal)),
        ObjectDisposedException =>
            new("The connections to the database were closed, because the app is stopping.", exception) { RejectsAll = true },
        _ when IsUnknownHost(exception) =>
            new("The database's host is not known. Check Host in the connection string, and the name server.", exception) { IsTransient = true },
        NpgsqlException { InnerException: AuthenticationException } =>
            new($"The encrypted connection to the database was refused: {exception.InnerException.Message}", exception) { RejectsAll = true },
        NpgsqlException { InnerException: TimeoutException } =>
            new($"The database is out of reach, or too slow, or a table is locked: {Told(exception)}", exception) { IsTransient = true },
        NpgsqlException { IsTransient: true } or TimeoutException or IOException or SocketException =>
            new($"The database is out of reach: {Told(exception)}", exception) { IsTransient = true },
        _ => new($"The database could not be used: {exception.Message}", exception),
    };

    private static EventStreamLogException Explain(PostgresException refusal, bool rejectsAll)
    {
        var message = $"{Meaning(refusal)} PostgreSQL says: {refusal.MessageText} ({refusal.SqlState})";
        return new(message, refusal) { IsTransient = IsTransient(refusal), RejectsAll = rejectsAll };
    }

    private static string Meaning(PostgresException refusal) => refusal.SqlState switch
    {
        PostgresErrorCodes.DiskFull => "The database's disk is full. Make room on it, or keep less (PostgreSqlLogOptions.Retention).",
        PostgresErrorCodes.LockNotAvailable => "The log is locked by another transaction for too long: a channel, a table, or its schema.",
        PostgresErrorCodes.TooManyConnections =>
            "The database takes no more connections. Raise its max_connections, or lower the pools' sizes.",
        PostgresErrorCodes.ReadOnlySqlTransaction => Standby,
        var state when IsFarewell(state) || state is PostgresErrorCodes.CannotConnectNow => "The database is out of reach.",
        _ when IsOfTheRecord(refusal) => "The database refused a message, and all that were to be appended with it.",
        PostgresErrorCodes.InsufficientPrivilege =>
            "The app's role lacks a right. Grant it USAGE on the schema, SELECT, INSERT, UPDATE and DELETE on its tables, "
            + "and EXECUTE on pg_notify; "
            + "where the app is to make the schema, CREATE on the database.",
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.UndefinedColumn =>
            "The log's tables are not there, or are not what this version of the package needs. "
            + "Start the app with CreateSchema, or apply PostgreSqlSchema.Script.",
        PostgresErrorCodes.InvalidCatalogName => "There is no such database. Create it, or correct Database in the connection string.",
        var state when IsLogin(state) =>
            "The database refuses the login. Check Username and Password in the connection string, and the server's pg_hba.conf.",
        _ => "The database could not do it.",
    };

    private static bool IsTransient(PostgresException refusal) => refusal.SqlState switch
    {
        PostgresErrorCodes.DiskFull => false,
        PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.QueryCanceled => true,
        _ => refusal.IsTransient || IsFarewell(refusal.SqlState) || IsCollision(refusal),
    };

    /// <summary>
    /// Whether the next record, or read, is rejected as well, whatever is in it. Some rights are needed for some records only.
    /// </summary>
    private static bool RejectsAll(PostgresException refusal) => !IsOfTheRecord(refusal)
        && (IsLogin(refusal.SqlState)
            || refusal.SqlState is PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.DiskFull
                or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.UndefinedColumn);

    private static bool IsLogin(string state) => state.StartsWith("28", StringComparison.Ordinal);

    private static bool IsFarewell(string state) =>
        state is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.IdleSessionTimeout or IdleInTransaction
        || state.StartsWith("08", StringComparison.Ordinal);

    /// <summary>Whether it comes from a trigger or a function, which look at the record. The package has none of its own.</summary>
    private static bool IsRaisedInside(PostgresException refusal) => !string.IsNullOrEmpty(refusal.Where);

    /// <summary>
    /// Whether it comes from a policy of row-level security, which looks at the record. Its state is that of a missing right.
    /// </summary>
    private static bool IsByPolicy(PostgresException refusal) => refusal.Routine == "ExecWithCheckOptions";

    /// <summary>What the outer exception says names the host, or the pool; the innermost says what went wrong.</summary>
    private static string Told(Exception exception) =>
        Innermost(exception) is var innermost && innermost != exception
            ? $"{exception.Message.TrimEnd('.')}: {innermost.Message}"
            : exception.Message;

    private static Exception Innermost(Exception exception) => exception.InnerException is { } inner ? Innermost(inner) : exception;
}
