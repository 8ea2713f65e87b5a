namespace EventStream.PostgreSql.Sql;

/// <summary>The statements that tell one history from another with equal tables.</summary>
internal sealed class IdentitySql(SchemaName schema)
{
    /// <summary>The number that a cluster gets when it is created. A hosted service may withhold it.</summary>
    public const string System = "SELECT system_identifier::text FROM pg_control_system()";

    /// <summary>The current timeline, which is new after each recovery and promotion.</summary>
    public const string Timeline = "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)";

    /// <summary>Whether the server is a standby, as the text <c>true</c> or <c>false</c>.</summary>
    public const string IsStandby = "SELECT pg_is_in_recovery()::text";

    /// <summary>The object id of a table, which is new after each restore of a dump.</summary>
    public string Tables { get; } = $"SELECT ({SessionSql.MetaTable(schema)}::regclass)::oid::text";

    public string Read { get; } = $"SELECT identity FROM {schema}.meta";

    public string Write { get; } = $"UPDATE {schema}.meta SET identity = $1";

    /// <summary>Gives each channel a new epoch. Parameter: whether its history continues the earlier one.</summary>
    /// <remarks>The first three characters stay, because they are derived from the name.</remarks>
    public string RenewEpochs { get; } =
        $"""
         UPDATE {schema}.channel AS c
         SET former_epoch = CASE WHEN $1 THEN epoch END,
             former_newest = CASE WHEN $1 THEN newest END,
             epoch = left(c.epoch, 3) || {RandomSql.DrawFor("c.id")}
         """;

    /// <summary>Gives channels that do not exist new origins, because a lost history may have been one of theirs.</summary>
    public string RenewOrigins { get; } =
        $"""
         WITH deleted AS (DELETE FROM {schema}.origin)
         UPDATE {schema}.meta SET origin = {RandomSql.DrawFor("version")}
         """;
}
