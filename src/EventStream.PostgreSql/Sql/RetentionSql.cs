namespace EventStream.PostgreSql.Sql;

/// <summary>The statements of retention. All times are the database's.</summary>
internal sealed class RetentionSql(SchemaName schema)
{
    /// <summary>Reads channels after an id. Parameters: the id and the most channels.</summary>
    public string ReadChannels { get; } = $"SELECT id, name FROM {schema}.channel WHERE id > $1 ORDER BY id LIMIT $2";

    /// <summary>Finds the messages beyond the retention.</summary>
    /// <remarks>
    /// Parameters: the channels' ids, and how many seconds, messages and bytes each retains (null: no limit). Time, count and bytes all
    /// rise with the sequence, so the first message that stays is found by a scan past those to evict. The last evicted message is always
    /// one that exists. A replaced message must not count, because no subscriber loses it.
    /// </remarks>
    public string FindExpired { get; } =
        $"""
         SELECT c.id, coalesce(expired.sequence, c.before_oldest), expired.sequence IS NOT NULL
         FROM unnest($1, $2, $3, $4) AS kept (id, age, count, bytes)
         JOIN {schema}.channel AS c ON c.id = kept.id
         LEFT JOIN LATERAL (
             SELECT sequence FROM {schema}.message
             WHERE channel = c.id AND sequence > greatest(c.before_oldest, c.newest - kept.count)
                 AND (kept.age IS NULL OR published_at >= statement_timestamp() - make_interval(secs => kept.age))
                 AND (kept.bytes IS NULL OR total - size >= c.total - kept.bytes OR sequence = c.newest)
             ORDER BY sequence LIMIT 1
         ) AS first ON true
         LEFT JOIN LATERAL (
             SELECT sequence FROM {schema}.message
             WHERE channel = c.id AND sequence > c.before_oldest AND sequence < coalesce(first.sequence, {long.MaxValue})
             ORDER BY sequence DESC LIMIT 1
         ) AS expired ON true
         WHERE expired.sequence IS NOT NULL OR EXISTS (SELECT FROM {schema}.message WHERE channel = c.id AND sequence <= c.before_oldest)
         """;

    /// <summary>Locks channels. Parameter: ids.</summary>
    /// <remarks>In the order of ids, as an append does, so that the two cannot deadlock.</remarks>
    public string Lock { get; } = $"SELECT id FROM {schema}.channel WHERE id = ANY ($1) ORDER BY id FOR UPDATE";

    /// <summary>Evicts messages. Parameters: the channels' ids, and the last sequences to evict.</summary>
    public string Evict { get; } =
        $"""
         UPDATE {schema}.channel AS c SET before_oldest = greatest(c.before_oldest, evicted.through)
         FROM unnest($1, $2) AS evicted (id, through) WHERE c.id = evicted.id
         """;

    /// <summary>Deletes evicted messages. Parameters: the channels' ids, the last evicted sequences, and the most rows.</summary>
    public string Delete { get; } =
        $"""
         DELETE FROM {schema}.message AS m USING (
             SELECT next.channel, next.sequence
             FROM unnest($1, $2) AS evicted (id, through)
             CROSS JOIN LATERAL (
                 SELECT channel, sequence FROM {schema}.message
                 WHERE channel = evicted.id AND sequence <= evicted.through ORDER BY sequence LIMIT $3
             ) AS next LIMIT $3
         ) AS expired
         WHERE m.channel = expired.channel AND m.sequence = expired.sequence
         """;

    /// <summary>Deletes channels that have been empty for long, and their runs.</summary>
    /// <remarks>
    /// Parameters: the channels' ids, and how many seconds each retains its messages. It returns a row for each deleted channel. A channel
    /// with a concurrent append stays, because its time has changed when its lock is free. A channel whose run is running stays, too. A
    /// channel that is not complete stays longer, because its subscribers would have to reconnect.
    /// </remarks>
    public string DeleteChannels { get; } =
        $"""
         WITH deleted AS (
             DELETE FROM {schema}.channel AS c USING unnest($1, $2) AS kept (id, age)
             WHERE c.id = kept.id AND c.run_token IS NULL
                 AND c.changed_at < statement_timestamp() - CASE
                     WHEN c.is_complete THEN make_interval(secs => kept.age)
                     ELSE greatest(make_interval(secs => 2 * kept.age), interval '30 days')
                 END
                 AND NOT EXISTS (SELECT FROM {schema}.message WHERE channel = c.id)
             RETURNING c.id, left(c.epoch, 3) AS tag
         ), runs AS (
             {DeleteRuns(schema)}
         ), renewed AS (
             {RenewOrigins(schema)}
         )
         SELECT FROM deleted
         """;

    /// <summary>Deletes a channel with its messages and its run. Parameter: its name. The caller holds its lock.</summary>
    public string DropChannel { get; } =
        $"""
         WITH deleted AS (
             DELETE FROM {schema}.channel AS c WHERE c.name = $1 RETURNING c.id, left(c.epoch, 3) AS tag
         ), runs AS (
             {DeleteRuns(schema)}
         ), messages AS (
             DELETE FROM {schema}.message AS m USING deleted WHERE m.channel = deleted.id
         )
         {RenewOrigins(schema)}
         """;

    private static string DeleteRuns(SchemaName schema) => $"DELETE FROM {schema}.run AS r USING deleted WHERE r.channel = deleted.id";

    /// <summary>Gives the names of deleted channels new origins, in the statement that deletes them.</summary>
    /// <remarks>
    /// A client whose position is the origin has then missed a history. Names whose epochs begin with the same three characters share an
    /// origin, so there are at most 32,768 rows.
    /// </remarks>
    private static string RenewOrigins(SchemaName schema) =>
        $"""
         INSERT INTO {schema}.origin (tag, chance)
         SELECT tag, {RandomSql.DrawFor("tag")} FROM (SELECT DISTINCT tag FROM deleted) AS shared
         ON CONFLICT (tag) DO UPDATE SET chance = excluded.chance
         """;
}
