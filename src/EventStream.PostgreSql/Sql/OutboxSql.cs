namespace EventStream.PostgreSql.Sql;

/// <summary>The rows of the outbox: what was published in transactions of the callers', until it is moved into the log.</summary>
internal sealed class OutboxSql(SchemaName schema)
{
    private const string Columns = "channel, replaces, key, for_user, sender, tag, idempotency_key, is_list, events, frames";

    /// <summary>
    /// Transactions' ids: those that have ended, and whether they may have been committed. Of an id that the server does not know, it says
    /// that the transaction has not ended: <c>pg_xact_status</c> would be an error.
    /// </summary>
    public const string Ended =
        """
        SELECT id, pg_xact_status(id) IS DISTINCT FROM 'aborted'
        FROM pg_current_snapshot() AS now, unnest($1) AS published (id)
        WHERE pg_visible_in_snapshot(id, now)
        """;

    /// <summary>The columns and the size. Returns the id of the caller's whole transaction, and the server's process.</summary>
    public string Insert { get; } =
        $"""
         INSERT INTO {schema}.outbox ({Columns}, size) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         RETURNING pg_current_xact_id(), pg_backend_pid()
         """;

    /// <summary>
    /// Takes the lock if it is free, and then the first rows. Parameters: the lock's name, the most rows, and the most bytes unless the
    /// first row has more. Returns whether the lock is held, how many rows were found (without the lock: one at most), and the rows that
    /// were taken. Those are in no order, or nulls.
    /// </summary>
    /// <remarks>
    /// The node that held the lock before may have moved rows since this statement began: those are not deleted twice. They are counted all
    /// the same, so fewer rows than were counted may have been taken, and then there may be more.
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

    /// <summary>The row's id and the reason.</summary>
    public string Refuse { get; } = $"UPDATE {schema}.outbox SET refused = $2 WHERE id = $1";
}
