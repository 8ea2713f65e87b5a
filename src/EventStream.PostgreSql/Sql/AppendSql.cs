using EventStream.PostgreSql.Following;

namespace EventStream.PostgreSql.Sql;

/// <summary>The statements of an append, in their order.</summary>
/// <remarks>The lock of a channel's row puts the appends of all nodes in order.</remarks>
internal sealed class AppendSql(SchemaName schema)
{
    // The columns of a message beside its channel, sequence and size.
    private const string Columns = "event, key, for_user, sender, tag, idempotency_key, list_length, frame";

    /// <summary>Creates missing channels. Parameters: names and epochs.</summary>
    /// <remarks>In the order of names, so that two appends that create several channels cannot deadlock.</remarks>
    public string Create { get; } =
        $"""
         INSERT INTO {schema}.channel (name, epoch)
         SELECT name, epoch FROM unnest($1, $2) AS made (name, epoch)
         ORDER BY name COLLATE "C"
         ON CONFLICT (name) DO NOTHING
         """;

    /// <summary>Locks channels. Parameter: names.</summary>
    /// <remarks>In the order of ids, so that two appends cannot deadlock.</remarks>
    public string Lock { get; } =
        $"""
         SELECT name, epoch, newest, is_complete, run_token
         FROM {schema}.channel WHERE name = ANY ($1)
         ORDER BY id FOR UPDATE
         """;

    /// <summary>Finds messages that are repeated. Parameters: channels and idempotency keys.</summary>
    public string FindRepeated { get; } =
        $"""
         SELECT c.name, m.idempotency_key, m.sequence, m.list_length
         FROM unnest($1, $2) AS wanted (channel, idempotency_key)
         JOIN {schema}.channel AS c ON c.name = wanted.channel
         JOIN {schema}.message AS m ON m.channel = c.id AND m.idempotency_key = wanted.idempotency_key AND m.idempotency_key IS NOT NULL
         """;

    /// <summary>Deletes messages that are replaced. Parameters: channels, keys and users.</summary>
    public string DeleteReplaced { get; } =
        $"""
         DELETE FROM {schema}.message AS m
         USING unnest($1, $2, $3) AS replaced (channel, key, for_user), {schema}.channel AS c
         WHERE c.name = replaced.channel AND m.channel = c.id
             AND {KeyHash("m.key", "m.for_user")} = {KeyHash("replaced.key", "replaced.for_user")}
             AND m.key IS NOT NULL AND m.key = replaced.key AND m.for_user IS NOT DISTINCT FROM replaced.for_user
         """;

    /// <summary>Locks channels, inserts messages with the next sequences, and notifies the nodes.</summary>
    /// <remarks>
    /// It writes all messages, or none. It writes none if a channel does not exist or is complete, or ends although it has a run that is
    /// running. Nor does it if a token does not hold the channel's run, or if the server's fingerprint differs from the last parameter. It
    /// returns whether it wrote, and each channel's state before.
    /// <para/>
    /// If the last parameter is empty, the app has checked all of that under locks of the same transaction, and ends the runs itself. Then
    /// it is an error, before the commit, if nothing was written.
    /// <para/>
    /// Parameters of the channels: names, counts, bytes, whether they end, the number of the notification, and the token of the run (null:
    /// none). Parameters of the messages: the channel's place, the number and the total from there, and the columns. A column without any
    /// value may be empty.
    /// <para/>
    /// A locked row may be newer than the statement's snapshot, so only its own columns may be used together. The channels are joined to
    /// the messages as arrays, because a join without statistics would compute their product. A channel's time never goes back, even if the
    /// clock is set back.
    /// </remarks>
    public string Append { get; } =
        $"""
         WITH found AS MATERIALIZED (
             SELECT c.id, c.name, c.epoch, c.newest, c.total, c.is_complete, c.run_token,
                 greatest(statement_timestamp(), c.changed_at) AS changed_at, part.*
             FROM unnest($1, $2, $3, $4, $5, $6) WITH ORDINALITY AS part (wanted, count, bytes, ends, notification, token, place)
             JOIN {schema}.channel AS c ON c.name = part.wanted
             ORDER BY c.id FOR UPDATE OF c
         ), part AS MATERIALIZED (
             SELECT * FROM found
             WHERE cardinality($1) = (
                     SELECT count(*) FILTER (
                         WHERE NOT is_complete AND (token IS NULL OR token = run_token) AND ($18 = '' OR NOT ends OR run_token IS NULL)
                     ) FROM found
                 )
                 AND ($18 = '' OR {SessionSql.Fingerprint(schema)} = $18)
             ORDER BY place
         ), parts AS MATERIALIZED (
             SELECT array_agg(id) AS ids, array_agg(newest) AS newest, array_agg(total) AS totals, array_agg(changed_at) AS times
             FROM part HAVING count(*) > 0
         ), changed AS (
             UPDATE {schema}.channel AS c
             SET newest = c.newest + part.count, total = c.total + part.bytes, is_complete = part.ends, changed_at = part.changed_at
             FROM part WHERE c.id = part.id
         ), inserted AS (
             INSERT INTO {schema}.message (channel, published_at, sequence, total, size, {Columns})
             SELECT ids[m.part], times[m.part], newest[m.part] + m.number, totals[m.part] + m.total, octet_length(m.frame), {Columns}
             FROM parts, unnest($7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) AS m (part, number, total, {Columns})
         ), notified AS (
             SELECT pg_notify(
                 {SchemaName.LiteralOf(schema.Text)},
                 string_agg({HintText.LineOf("part.name", "part.newest + part.count", "part.ends")}, '')
             )
             FROM part GROUP BY notification
         ), written AS (
             SELECT CASE WHEN $18 = '' THEN count(*) / count(*) ELSE count(*) END > 0 AS is_written FROM notified
         )
         SELECT is_written, name, epoch, newest, is_complete, run_token FROM written LEFT JOIN found ON true
         """;

    /// <summary>The hash of a key and a user, for the index of keys.</summary>
    /// <remarks>The key and the user themselves may be longer than an index allows.</remarks>
    public static string KeyHash(string key, string user) => $"hashtextextended({key}, hashtextextended(coalesce({user}, ''), 0))";
}
