namespace EventStream.PostgreSql.Sql;

/// <summary>What every transaction of the package begins with, and what it may take a lock for.</summary>
internal sealed class SessionSql(SchemaName schema)
{
    public const string Begin = "BEGIN ISOLATION LEVEL READ COMMITTED";
    public const string Commit = "COMMIT";
    public const string Nothing = "SELECT";
    public const string Process = "SELECT pg_backend_pid()";
    public const string TryLock = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))";
    public const string Lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";

    /// <summary>How long a statement of the transaction waits for a lock.</summary>
    public const string LockTimeout = "SELECT set_config('lock_timeout', '5s', true)";

    /// <summary>
    /// Settings for the transaction; and the fingerprint of what it runs on, by which a change of server or tables is noticed.
    /// </summary>
    /// <remarks>
    /// Statistics lag behind tables that grow this fast, and every statement here has an index to go by: it is not to be planned for the
    /// empty table of a minute ago. Nor is it to be planned for its values: left to itself, the server does so at each execution, which is
    /// more work than the execution (`benchmarks/PostgreSqlLoad`). What was acknowledged must be there after a crash, whatever the server's
    /// default is, or its number would be given to another message. A node that stops in the middle of a transaction, with its machine for
    /// example, must not hold a channel's lock for long.
    /// </remarks>
    public string Settings { get; } =
        $"""
         SELECT {Fingerprint(schema)},
             set_config('synchronous_commit', replace(current_setting('synchronous_commit'), 'off', 'local'), true),
             set_config('plan_cache_mode', 'force_generic_plan', true),
             set_config('enable_seqscan', 'off', true),
             set_config('enable_bitmapscan', 'off', true),
             set_config('enable_hashjoin', 'off', true),
             set_config('enable_mergejoin', 'off', true),
             set_config('jit', 'off', true),
             set_config('lock_timeout', '5s', true),
             set_config('idle_in_transaction_session_timeout', '10s', true)
         """;

    /// <summary>What is new after each start of the server, and with each table of that name.</summary>
    public static string Fingerprint(SchemaName schema) => $"(extract(epoch FROM pg_postmaster_start_time())::text || '/' || ({MetaTable(schema)}::regclass)::oid::text)";

    /// <summary>The table's name as a text, to be cast.</summary>
    public static string MetaTable(SchemaName schema) => SchemaName.LiteralOf($"{schema}.meta");
}
