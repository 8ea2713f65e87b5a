namespace EventStream.PostgreSql.Sql;

/// <summary>The statement that reads pages of channels.</summary>
internal sealed class PageSql(SchemaName schema)
{
    /// <summary>Reads pages of channels.</summary>
    /// <remarks>
    /// Parameters: names, positions, the most messages and bytes, and the first three characters of the epochs. One statement, so that the
    /// origin and the channel's state are of the same moment.
    /// </remarks>
    public string Read { get; } =
        $"""
         SELECT wanted.place::int, c.epoch, c.newest, c.before_oldest, c.is_complete,
             m.sequence, m.published_at, m.event, m.key, m.for_user, m.sender, m.tag, m.frame,
             wanted.tag || coalesce(o.chance, (SELECT origin FROM {schema}.meta), '') AS origin,
             c.former_epoch, c.former_newest, statement_timestamp(), c.run_state, c.are_readers_told
         FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS wanted (channel, after, max_count, max_bytes, tag, place)
         LEFT JOIN {schema}.origin AS o ON o.tag = wanted.tag
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
}
