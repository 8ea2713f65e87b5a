namespace EventStream.PostgreSql.Sql;

/// <summary>The statements of the outbox, which keeps the messages of the app's transactions until they are moved into the log.</summary>
internal sealed class OutboxSql(SchemaName schema)
{
    private const string Columns = "channel, replaces, key, for_user, sender, tag, idempotency_key, is_list, events, frames";

    /// <summary>Finds the transactions that have ended, and whether each may have been committed. Parameter: ids.</summary>
    /// <remarks>An id that the server does not know counts as not ended, because <c>pg_xact_status</c> would fail for it.</remarks>
    public const string Ended =
        """
        SELECT id, pg_xact_status(id) IS DISTINCT FROM 'aborted'
        FROM pg_current_snapshot() AS now, unnest($1) AS published (id)
        WHERE pg_visible_in_snapshot(id, now)
        """;

    /// <summary>Inserts a row. Parameters: the columns and the size.</summary>
    /// <remarks>Returns the id of the app's top-level transaction, and the server's process id.</remarks>
    public string Insert { get; } =
        $"""
         INSERT INTO {schema}.outbox ({Columns}, size) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         RETURNING pg_current_xact_id(), pg_backend_pid()
         """;

    /// <summary>Takes the lock if it is free, and then the first rows.</summary>
    /// <remarks>
    /// Parameters: the lock's name, the most rows, and the most bytes. A first row with more bytes is taken all the same.
    /// <para/>
    /// It returns whether the lock was taken, how many rows were found, and the rows that were taken, in no order. Without the lock it
    /// finds at most one row. Without rows the columns are null.
    /// <para/>
    /// The previous holder of the lock may have moved rows since this statement began. Those are counted, but not taken again. So fewer
    /// rows than counted means that there may be more.
    /// </remarks>
    public string Take { get; } =
        $"""
         WITH lock (is_held) AS MATERIALIZED ({SessionSql.TryLock}),
         first AS MATERIALIZED (
             SELECT id, size FROM {schema}.outbox WHERE refused IS NULL
             ORDER BY id LIMIT CASE WHEN (SELECT is_held FROM lock) THEN $2 ELSE 1 END
         ), counted AS (
             SELECT id, row_number() OVER preceding AS number, sum(size) OVER preceding AS bytes
             FROM first WINDOW preceding AS (ORDER BY id ROWS UNBOUNDED PRECEDING)
         ), taken AS (
             DELETE FROM {schema}.outbox
             WHERE (SELECT is_held FROM lock)
                 AND id = ANY (ARRAY (SELECT id FROM counted WHERE number = 1 OR bytes <= $3)) AND refused IS NULL
             RETURNING {Columns}, id
         )
         SELECT is_held, (SELECT count(*) FROM first), taken.*
         FROM lock LEFT JOIN taken ON true
         """;

    /// <summary>Marks a row as rejected. Parameters: its id and the reason.</summary>
    public string Reject { get; } = $"UPDATE {schema}.outbox SET refused = $2 WHERE id = $1";
}
