namespace EventStream.PostgreSql.Sql;

/// <summary>Finds the sessions that hold the locks others wait for. Every role may execute it.</summary>
internal static class LockSql
{
    /// <summary>Whether a process is at work, and which sessions hold the locks that it waits for. Parameter: its id.</summary>
    /// <remarks>The first is null if the server hides it. The second is null if the process waits for no lock.</remarks>
    public static string Waiting { get; } =
        $"""
         SELECT nullif(a.state, 'disabled') = 'active', (
             SELECT string_agg({Session("b.pid")}, ', ')
             FROM unnest(pg_blocking_pids(a.pid)) AS b (pid) LEFT JOIN pg_stat_activity AS h ON h.pid = b.pid
         )
         FROM pg_stat_activity AS a WHERE a.pid = $1
         """;

    /// <summary>The transaction that holds an advisory lock, and its session. Parameter: the lock's name.</summary>
    public static string Holder { get; } =
        $"""
         SELECT concat(l.pid, '/', l.virtualtransaction), {Session("l.pid")}
         FROM pg_locks AS l LEFT JOIN pg_stat_activity AS h ON h.pid = l.pid
         WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
             AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
             AND ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended($1, 0)
         LIMIT 1
         """;

    // Another role's state is hidden from roles without pg_read_all_stats.
    private static string Session(string pid) =>
        $"""
         CASE WHEN coalesce({pid}, 0) = 0 THEN 'a prepared transaction (pg_prepared_xacts)' ELSE concat('process ', {pid}, ' (', concat_ws(
             ', ', 'application "' || nullif(h.application_name, '') || '"', 'user "' || h.usename || '"', h.state
         ), ')') END
         """;
}
