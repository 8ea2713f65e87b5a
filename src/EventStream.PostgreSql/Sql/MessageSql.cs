namespace EventStream.PostgreSql.Sql;

/// <summary>The rows of messages.</summary>
internal sealed class MessageSql(SchemaName schema)
{
    /// <summary>Channels and idempotency keys.</summary>
    public string FindRepeated { get; } =
        $"""
         SELECT c.name, m.idempotency_key, m.sequence
         FROM unnest($1, $2) AS wanted (channel, idempotency_key)
         JOIN {schema}.channel AS c ON c.name = wanted.channel
         JOIN {schema}.message AS m ON m.channel = c.id AND m.idempotency_key = wanted.idempotency_key AND m.idempotency_key IS NOT NULL
         """;

    /// <summary>Ids of channels, keys and users.</summary>
    public string DeleteReplaced { get; } =
        $"""
         DELETE FROM {schema}.message AS m
         USING unnest($1, $2, $3) AS replaced (channel, key, for_user)
         WHERE m.channel = replaced.channel
             AND {KeyHash("m.key", "m.for_user")} = {KeyHash("replaced.key", "replaced.for_user")}
             AND m.key IS NOT NULL AND m.key = replaced.key AND m.for_user IS NOT DISTINCT FROM replaced.for_user
         """;

    /// <summary>The columns; and the time before which nothing of these channels was published, should the clock have been set back.</summary>
    public string Insert { get; } =
        $"""
         INSERT INTO {schema}.message (published_at, channel, sequence, size, total, event, key, for_user, sender, tag, idempotency_key, frame)
         SELECT greatest(statement_timestamp(), $12), appended.*
         FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS appended
         """;

    /// <summary>Channels' names, positions, and the most messages and bytes.</summary>
    public string ReadPages { get; } =
        $"""
         SELECT wanted.place::int, c.epoch, c.newest, c.before_oldest, c.is_complete,
             m.sequence, m.published_at, m.event, m.key, m.for_user, m.sender, m.tag, m.frame
         FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS wanted (channel, after, max_count, max_bytes, place)
         LEFT JOIN {schema}.channel AS c ON c.name = wanted.channel
         LEFT JOIN LATERAL (
             SELECT next.*, row_number() OVER following AS number, sum(next.size) OVER following AS bytes
             FROM (
                 SELECT * FROM {schema}.message
                 WHERE channel = c.id AND sequence > greatest(wanted.after, c.before_oldest)
                 ORDER BY sequence LIMIT wanted.max_count
             ) AS next
             WINDOW following AS (ORDER BY next.sequence ROWS UNBOUNDED PRECEDING)
         ) AS m ON m.number = 1 OR m.bytes <= wanted.max_bytes
         ORDER BY wanted.place, m.sequence
         """;

    /// <summary>What the index of keys has in place of a key and a user, which may be longer than an index takes.</summary>
    public static string KeyHash(string key, string user) => $"hashtextextended({key}, hashtextextended(coalesce({user}, ''), 0))";
}
