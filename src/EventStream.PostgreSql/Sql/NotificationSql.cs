namespace EventStream.PostgreSql.Sql;

/// <summary>The statements of notifications, whose channel has the name of the schema.</summary>
internal sealed class NotificationSql(SchemaName schema)
{
    public const string Unlisten = "UNLISTEN *";

    public string Listen { get; } = $"LISTEN {schema}";

    /// <summary>Sends a notification. Parameter: its text.</summary>
    public string Send { get; } = $"SELECT pg_notify({SchemaName.LiteralOf(schema.Text)}, $1)";

    /// <summary>The fingerprint, the server's process, and whether its session still listens.</summary>
    public string Look { get; } =
        $"""
         SELECT {SessionSql.Fingerprint(schema)}, pg_backend_pid(),
             EXISTS (SELECT FROM pg_listening_channels() AS listening (name) WHERE name = {SchemaName.LiteralOf(schema.Text)})
         """;
}
