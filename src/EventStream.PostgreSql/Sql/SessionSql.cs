namespace EventStream.PostgreSql.Sql;

/// <summary>The statements that begin and end the package's transactions, and take its advisory locks.</summary>
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

    /// <summary>Sets the transaction's settings, and returns the fingerprint, which changes with the server or its tables.</summary>
    /// <remarks>
    /// <list type="bullet">
    /// <item><c>synchronous_commit</c>: an acknowledged message must survive a crash, or its sequence would be given to another
    /// message.</item>
    /// <item><c>plan_cache_mode</c>: by default the server plans a statement for its values at each execution, which is more work than the
    /// execution (`benchmarks/PostgreSqlLoad`).</item>
    /// <item><c>enable_…</c> and <c>jit</c>: every statement has an index. Statistics lag behind tables that grow this fast, so the
    /// server would plan for the empty table of a minute ago.</item>
    /// <item>The timeouts: a node that dies in a transaction, for example with its machine, must not hold a channel's lock for
    /// long.</item>
    /// </list>
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

    /// <summary>The fingerprint, which changes when the server restarts, or when the table is created again.</summary>
    public static string Fingerprint(SchemaName schema) =>
        $"(extract(epoch FROM pg_postmaster_start_time())::text || '/' || ({MetaTable(schema)}::regclass)::oid::text)";

    /// <summary>The name of the table <c>meta</c> as a literal, to be cast to <c>regclass</c>.</summary>
    public static string MetaTable(SchemaName schema) => SchemaName.LiteralOf($"{schema}.meta");
}
