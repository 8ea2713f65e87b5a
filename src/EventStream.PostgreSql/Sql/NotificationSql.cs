namespace EventStream.PostgreSql.Sql;

/// <summary>Notifications, all by the name of the schema.</summary>
internal sealed class NotificationSql(SchemaName schema)
{
    public const string Unlisten = "UNLISTEN *";

    public string Listen { get; } = $"LISTEN {schema}";
}
