using EventStream.PostgreSql.Following;

namespace EventStream.PostgreSql.Sql;

/// <summary>What an append does, in this order. The lock of a channel's row is what puts the appends of all nodes in order.</summary>
internal sealed class AppendSql(SchemaName schema)
{
    // What a message has beside its place.
    private const string Columns = "event, key, for_user, sender, tag, idempotency_key, list_length, frame";

    /// <summary>Names and epochs. In the order of names, so that two that make several channels never wait for each other.</summary>
    public string Create { get; } =
        $"""
         INSERT INTO {schema}.channel (name, epoch)
         SELECT name, epoch FROM unnest($1, $2) AS made (name, epoch)
         ORDER BY name COLLATE "C"
         ON CONFLICT (name) DO NOTHING
         """;

    /// <summary>By names. In the order of ids, for the same reason.</summary>
    public string Lock { get; } =
        $"""
         SELECT name, epoch, newest, is_complete
         FROM {schema}.channel WHERE name = ANY ($1)
         ORDER BY id FOR UPDATE
         """;

    /// <summary>Channels and idempotency keys.</summary>
    public string FindRepeated { get; } =
        $"""
         SELECT c.name, m.idempotency_key, m.sequence, m.list_length
         FROM unnest($1, $2) AS wanted (channel, idempotency_key)
         JOIN {schema}.channel AS c ON c.name = wanted.channel
         JOIN {schema}.message AS m ON m.channel = c.id AND m.idempotency_key = wanted.idempotency_key AND m.idempotency_key IS NOT NULL
         """;

    /// <summary>Channels, keys and users.</summary>
    public string DeleteReplaced { get; } =
        $"""
         DELETE FROM {schema}.message AS m
         USING unnest($1, $2, $3) AS replaced (channel, key, for_user), {schema}.channel AS c
         WHERE c.name = replaced.channel AND m.channel = c.id
             AND {KeyHash("m.key", "m.for_user")} = {KeyHash("replaced.key", "replaced.for_user")}
             AND m.key IS NOT NULL AND m.key = replaced.key AND m.for_user IS NOT DISTINCT FROM replaced.for_user
         """;

    /// <summary>
    /// Locks channels, numbers the messages after their newest ones, and tells of them: all of them or, if a channel does not exist, is
    /// complete, or the fingerprint is not the last value, none. Returns whether it did, and what each channel was before. Where that is
    /// empty, all of that has been looked at under locks of the same transaction: then it is an error, before the commit, if it did not. Of
    /// the channels: names, counts, bytes, whether they end, and the number of the notification. Of the messages: the channel's place, the
    /// number and the total from there, and the columns, of which one that has no values may be empty.
    /// </summary>
    /// <remarks>
    /// What is read of a channel is read of the locked row, which may be newer than the statement: so nothing may be joined to it but what
    /// the row itself says. Channels go to their messages as arrays, because a join without statistics takes their product. A time never
    /// goes back, though the clock may be set back.
    /// </remarks>
    public string Append { get; } =
        $"""
         WITH found AS MATERIALIZED (
             SELECT c.id, c.name, c.epoch, c.newest, c.total, c.is_complete, greatest(statement_timestamp(), c.changed_at) AS changed_at, part.*
             FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS part (wanted, count, bytes, ends, notification, place)
             JOIN {schema}.channel AS c ON c.name = part.wanted
             ORDER BY c.id FOR UPDATE OF c
         ), part AS MATERIALIZED (
             SELECT * FROM found
             WHERE (SELECT count(*) FILTER (WHERE NOT is_complete) FROM found) = cardinality($1)
                 AND ($17 = '' OR {SessionSql.Fingerprint(schema)} = $17)
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
             FROM parts, unnest($6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) AS m (part, number, total, {Columns})
         ), notified AS (
             SELECT pg_notify({SchemaName.LiteralOf(schema.Text)}, string_agg({HintText.LineOf("part.name", "part.newest + part.count", "part.ends")}, ''))
             FROM part GROUP BY notification
         ), written AS (
             SELECT CASE WHEN $17 = '' THEN count(*) / count(*) ELSE count(*) END > 0 AS is_written FROM notified
         )
         SELECT is_written, name, epoch, newest, is_complete FROM written LEFT JOIN found ON true
         """;

    /// <summary>What the index of keys has in place of a key and a user, which may be longer than an index takes.</summary>
    public static string KeyHash(string key, string user) => $"hashtextextended({key}, hashtextextended(coalesce({user}, ''), 0))";
}
