namespace EventStream.PostgreSql.Sql;

/// <summary>What is not to be kept any longer. All times are the database's.</summary>
internal sealed class RetentionSql(SchemaName schema)
{
    /// <summary>The channels that follow an id, at most so many.</summary>
    public string ReadChannels { get; } = $"SELECT id, name FROM {schema}.channel WHERE id > $1 ORDER BY id LIMIT $2";

    /// <summary>
    /// Channels' ids, and how many seconds, messages and bytes each keeps (null: no limit). Age, count and bytes all rise with the
    /// sequence, so the first message that stays is found by passing over those that go. What is dropped ends with a message that there is,
    /// and not with one that was replaced: nobody lost that.
    /// </summary>
    public string FindDoomed { get; } =
        $"""
         SELECT c.id, coalesce(doomed.sequence, c.before_oldest), doomed.sequence IS NOT NULL
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
         ) AS doomed ON true
         WHERE doomed.sequence IS NOT NULL OR EXISTS (SELECT FROM {schema}.message WHERE channel = c.id AND sequence <= c.before_oldest)
         """;

    /// <summary>By ids, in their order, as an append takes them.</summary>
    public string Lock { get; } = $"SELECT id FROM {schema}.channel WHERE id = ANY ($1) ORDER BY id FOR UPDATE";

    /// <summary>Ids, and the last sequences that are dropped.</summary>
    public string Drop { get; } =
        $"""
         UPDATE {schema}.channel AS c SET before_oldest = greatest(c.before_oldest, dropped.through)
         FROM unnest($1, $2) AS dropped (id, through) WHERE c.id = dropped.id
         """;

    /// <summary>The same, and how many rows at most.</summary>
    public string Delete { get; } =
        $"""
         DELETE FROM {schema}.message AS m USING (
             SELECT next.channel, next.sequence
             FROM unnest($1, $2) AS dropped (id, through)
             CROSS JOIN LATERAL (
                 SELECT channel, sequence FROM {schema}.message
                 WHERE channel = dropped.id AND sequence <= dropped.through ORDER BY sequence LIMIT $3
             ) AS next LIMIT $3
         ) AS doomed
         WHERE m.channel = doomed.channel AND m.sequence = doomed.sequence
         """;

    /// <summary>
    /// Ids, and how many seconds each keeps its messages. A channel that is just being written to has changed when its lock is free, and
    /// stays. One that is not complete may have subscribers, who would have to come back. Returns a row for each that was forgotten.
    /// </summary>
    /// <remarks>
    /// In the same step their names get other origins, because a client with the origin as its position has missed a history then. Names
    /// whose epochs begin with the same three characters share an origin. So there are at most 32,768 rows.
    /// </remarks>
    public string Forget { get; } =
        $"""
         WITH forgotten AS (
             DELETE FROM {schema}.channel AS c USING unnest($1, $2) AS kept (id, age)
             WHERE c.id = kept.id
                 AND c.changed_at < statement_timestamp() - CASE WHEN c.is_complete THEN make_interval(secs => kept.age) ELSE greatest(make_interval(secs => 2 * kept.age), interval '30 days') END
                 AND NOT EXISTS (SELECT FROM {schema}.message WHERE channel = c.id)
             RETURNING left(c.epoch, 3) AS tag
         ), renewed AS (
             INSERT INTO {schema}.origin (tag, chance)
             SELECT tag, {ChanceSql.DrawFor("tag")} FROM (SELECT DISTINCT tag FROM forgotten) AS shared
             ON CONFLICT (tag) DO UPDATE SET chance = excluded.chance
         )
         SELECT FROM forgotten
         """;
}
