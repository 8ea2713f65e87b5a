namespace EventStream.PostgreSql.Sql;

/// <summary>All the SQL of the package, for one schema.</summary>
internal sealed class LogSql(SchemaName schema)
{
    public SchemaName Schema { get; } = schema;

    public SessionSql Session { get; } = new(schema);

    public AppendSql Append { get; } = new(schema);

    public PageSql Pages { get; } = new(schema);

    public OutboxSql Outbox { get; } = new(schema);

    public RunSql Runs { get; } = new(schema);

    public RetentionSql Retention { get; } = new(schema);

    public IdentitySql Identity { get; } = new(schema);

    public NotificationSql Notifications { get; } = new(schema);
}
