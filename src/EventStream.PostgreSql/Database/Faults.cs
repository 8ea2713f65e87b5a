using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace EventStream.PostgreSql.Database;

/// <summary>Explains the database's errors by SQLSTATE (PostgreSQL's documentation, appendix A).</summary>
internal static class Faults
{
    /// <summary>The explanation for a server that does not accept writes.</summary>
    public const string Standby =
        "The server is a standby and does not accept writes. "
        + "Name the primary, or all servers with Target Session Attributes=primary, in the connection string.";

    private const string IdleInTransaction = "25P03";

    /// <summary>Whether the server rolled the transaction back because of a deadlock or conflict with another one.</summary>
    public static bool IsCollision(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure };

    /// <summary>Whether the connection is broken.</summary>
    /// <remarks>Only a new connection that breaks shows that the server is unavailable. A pooled one may have been broken before.</remarks>
    public static bool IsConnectionLoss(Exception exception) => exception switch
    {
        PostgresException refusal => EndsConnection(refusal.SqlState),
        NpgsqlException { InnerException: IOException or SocketException } => true,
        _ => false,
    };

    /// <summary>Whether a commit may have succeeded although its answer was this exception.</summary>
    public static bool LeavesOutcomeUnknown(Exception exception) => exception switch
    {
        // An error is an answer: the transaction was rolled back. The end of the connection may follow a commit that succeeded.
        PostgresException refusal => EndsConnection(refusal.SqlState) || refusal.InvariantSeverity is "FATAL" or "PANIC",
        NpgsqlException => true,
        _ => false,
    };

    /// <summary>Whether a check, policy, trigger or limit rejected the record itself, so that another record may succeed.</summary>
    public static bool IsOfTheRecord(Exception exception) => exception is PostgresException refusal
        && (refusal.SqlState[..2] is "22" or "23" or "44" or "54" or "P0"
            || ((IsRaisedInside(refusal) || IsByPolicy(refusal)) && !IsTransient(refusal)));

    /// <summary>Whether the host's name cannot be resolved.</summary>
    /// <remarks>The app's start does not wait for it, because the name is most likely wrong. Later, the failure may be temporary.</remarks>
    public static bool IsUnknownHost(Exception? exception) => exception switch
    {
        null => false,
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData } => true,
        _ => IsUnknownHost(exception.InnerException),
    };

    public static EventStreamLogException OutcomeUnknown(Exception exception) => new(
        "The connection to the database was lost during the commit, so the messages may have been published: "
        + $"{exception.Message} Publish them again with the same IdempotencyKey, if they had one.",
        exception)
    {
        IsOutcomeUnknown = true,
        IsTransient = true,
    };

    /// <summary>Waits for a statement that is the same for all records or reads, so that a missing right fails all of them.</summary>
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
        _ when IsUnknownHost(exception) => new(
            "The database's host name cannot be resolved. Check Host in the connection string, and the name server.", exception)
        {
            IsTransient = true,
        },
        NpgsqlException { InnerException: AuthenticationException } => new(
            $"The TLS handshake with the database failed: {exception.InnerException.Message}", exception)
        {
            RejectsAll = true,
        },
        NpgsqlException { InnerException: TimeoutException } => new(
            $"The database is unavailable or too slow, or a table is locked: {MessageOf(exception)}", exception)
        {
            IsTransient = true,
        },
        NpgsqlException { IsTransient: true } or TimeoutException or IOException or SocketException => new(
            $"The database is unavailable: {MessageOf(exception)}", exception)
        {
            IsTransient = true,
        },
        _ => new($"The database reported an error: {exception.Message}", exception),
    };

    private static EventStreamLogException Explain(PostgresException refusal, bool rejectsAll)
    {
        var message = $"{Meaning(refusal)} PostgreSQL says: {refusal.MessageText} ({refusal.SqlState})";
        return new(message, refusal) { IsTransient = IsTransient(refusal), RejectsAll = rejectsAll };
    }

    private static string Meaning(PostgresException refusal) => refusal.SqlState switch
    {
        PostgresErrorCodes.DiskFull => "The database's disk is full. Free space on it, or retain less (PostgreSqlLogOptions.Retention).",
        PostgresErrorCodes.LockNotAvailable =>
            "Another transaction has locked a channel, a table or the schema of the log for too long. End it (pg_locks).",
        PostgresErrorCodes.TooManyConnections =>
            "The database accepts no more connections. Raise its max_connections, or lower the pools' sizes.",
        PostgresErrorCodes.ReadOnlySqlTransaction => Standby,
        var state when EndsConnection(state) || state is PostgresErrorCodes.CannotConnectNow => "The database is unavailable.",
        _ when IsOfTheRecord(refusal) => "The database rejected a message, and with it all messages of the same append.",
        PostgresErrorCodes.InsufficientPrivilege =>
            "The app's role lacks a right. Grant it USAGE on the schema, SELECT, INSERT, UPDATE and DELETE on its tables, "
            + "and EXECUTE on pg_notify. If the app creates the schema, grant it CREATE on the database too.",
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.UndefinedColumn =>
            "The log's tables do not exist, or are not those of this version of the package. "
            + "Start the app with CreateSchema, or apply PostgreSqlSchema.Script.",
        PostgresErrorCodes.InvalidCatalogName => "The database does not exist. Create it, or correct Database in the connection string.",
        var state when IsLogin(state) =>
            "The database rejects the login. Check Username and Password in the connection string, and the server's pg_hba.conf.",
        _ => "The database reported an error.",
    };

    private static bool IsTransient(PostgresException refusal) => refusal.SqlState switch
    {
        PostgresErrorCodes.DiskFull => false,
        PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.QueryCanceled => true,
        _ => refusal.IsTransient || EndsConnection(refusal.SqlState) || IsCollision(refusal),
    };

    /// <summary>Whether the database would reject every other record or read as well.</summary>
    /// <remarks>A missing right is not in the list, because only some records need some rights.</remarks>
    private static bool RejectsAll(PostgresException refusal) => !IsOfTheRecord(refusal)
        && (IsLogin(refusal.SqlState)
            || refusal.SqlState is PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.DiskFull
                or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.UndefinedColumn);

    private static bool IsLogin(string state) => state.StartsWith("28", StringComparison.Ordinal);

    private static bool EndsConnection(string state) =>
        state.StartsWith("08", StringComparison.Ordinal)
        || state is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
            or PostgresErrorCodes.IdleSessionTimeout or IdleInTransaction;

    /// <summary>Whether a trigger or a function raised the error.</summary>
    /// <remarks>The package has none, so one of the app's has rejected the record.</remarks>
    private static bool IsRaisedInside(PostgresException refusal) => !string.IsNullOrEmpty(refusal.Where);

    /// <summary>Whether a policy of row-level security rejected the record.</summary>
    /// <remarks>Its SQLSTATE is that of a missing right, so the server's routine tells the two apart.</remarks>
    private static bool IsByPolicy(PostgresException refusal) => refusal.Routine == "ExecWithCheckOptions";

    /// <summary>The outer exception's message, which names the host or the pool, and the innermost one's, which names the cause.</summary>
    private static string MessageOf(Exception exception) =>
        Innermost(exception) is var innermost && innermost != exception
            ? $"{exception.Message.TrimEnd('.')}: {innermost.Message}"
            : exception.Message;

    private static Exception Innermost(Exception exception) => exception.InnerException is { } inner ? Innermost(inner) : exception;
}
