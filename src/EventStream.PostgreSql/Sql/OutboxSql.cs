using EventStream.PostgreSql.Following;

namespace EventStream.PostgreSql.Sql;

/// <summary>The rows of the outbox: what was published in transactions of the callers', until it is moved into the log.</summary>
internal sealed class OutboxSql(SchemaName schema)
{
    private const string Columns = "channel, replaces, key, for_user, sender, tag, idempotency_key, is_list, events, frames";

    public string Insert { get; } =
        $"INSERT INTO {schema}.outbox ({Columns}, size) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

    public string Notify { get; } = $"SELECT pg_notify({SchemaName.LiteralOf(schema.Text)}, '{HintText.Outbox}')";

    public string IsFilled { get; } = $"SELECT EXISTS (SELECT FROM {schema}.outbox WHERE refused IS NULL)";

    /// <summary>At most so many of the first rows, and of bytes unless the first has more, in no order.</summary>
    public string Take { get; } =
        $"""
         DELETE FROM {schema}.outbox
         WHERE id = ANY (ARRAY (
             SELECT id
             FROM (
                 SELECT id, row_number() OVER preceding AS number, sum(size) OVER preceding AS bytes
                 FROM (SELECT id, size FROM {schema}.outbox WHERE refused IS NULL ORDER BY id LIMIT $1) AS first
                 WINDOW preceding AS (ORDER BY id ROWS UNBOUNDED PRECEDING)
             ) AS counted
             WHERE number = 1 OR bytes <= $2
         ))
         RETURNING {Columns}, id
         """;

    /// <summary>The row's id and the reason.</summary>
    public string Refuse { get; } = $"UPDATE {schema}.outbox SET refused = $2 WHERE id = $1";
}
