namespace EventStream.PostgreSql.Sql;

/// <summary>Notifications, all by the name of the schema.</summary>
internal sealed class NotificationSql(SchemaName schema)
{
    public const string Unlisten = "UNLISTEN *";

    public string Listen { get; } = $"LISTEN {schema}";

    /// <summary>One for each text.</summary>
    public string Notify { get; } = $"SELECT pg_notify({SchemaName.LiteralOf(schema.Text)}, hint) FROM unnest($1) AS hints (hint)";
}
