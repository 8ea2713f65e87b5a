namespace EventStream.PostgreSql.Sql;

/// <summary>The rows of channels: one a channel, whose lock is what puts the appends of all nodes in order.</summary>
internal sealed class ChannelSql(SchemaName schema)
{
    /// <summary>By names. In the order of ids, so that two appends to several channels never wait for each other.</summary>
    public string Lock { get; } =
        $"""
         SELECT name, id, epoch, newest, total, is_complete, changed_at
         FROM {schema}.channel WHERE name = ANY ($1)
         ORDER BY id FOR UPDATE
         """;

    /// <summary>Names and epochs. In the order of names, for the same reason.</summary>
    public string Create { get; } =
        $"""
         INSERT INTO {schema}.channel (name, epoch)
         SELECT name, epoch FROM unnest($1, $2) AS made (name, epoch)
         ORDER BY name COLLATE "C"
         ON CONFLICT (name) DO NOTHING
         """;

    /// <summary>Ids, newest sequences, totals and ends; and the time that none of them was changed after.</summary>
    public string Update { get; } =
        $"""
         UPDATE {schema}.channel AS c
         SET newest = changed.newest, total = changed.total, is_complete = changed.is_complete, changed_at = greatest(statement_timestamp(), $5)
         FROM unnest($1, $2, $3, $4) AS changed (id, newest, total, is_complete)
         WHERE c.id = changed.id
         """;
}
