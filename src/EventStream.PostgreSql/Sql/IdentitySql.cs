namespace EventStream.PostgreSql.Sql;

/// <summary>By what a history is told from another one, though the tables look the same.</summary>
internal sealed class IdentitySql(SchemaName schema)
{
    /// <summary>The number that a cluster gets when it is made. A service may withhold it.</summary>
    public const string System = "SELECT system_identifier::text FROM pg_control_system()";

    /// <summary>The timeline that is written to, which is new after each recovery and promotion.</summary>
    public const string Timeline = "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)";

    /// <summary>Whether the server only repeats what another one writes: true or false, as a text.</summary>
    public const string IsStandby = "SELECT pg_is_in_recovery()::text";

    /// <summary>The tables, which are new after each restoration of a dump.</summary>
    public string Tables { get; } = $"SELECT ({SessionSql.MetaTable(schema)}::regclass)::oid::text";

    public string Read { get; } = $"SELECT identity FROM {schema}.meta";

    public string Write { get; } = $"UPDATE {schema}.meta SET identity = $1";

    /// <summary>
    /// Gives each channel a new epoch, whose first three characters are the name's. The value says whether its history goes on from the
    /// earlier one.
    /// </summary>
    public string RenewEpochs { get; } =
        $"""
         UPDATE {schema}.channel AS c
         SET former_epoch = CASE WHEN $1 THEN epoch END,
             former_newest = CASE WHEN $1 THEN newest END,
             epoch = left(c.epoch, 3) || {ChanceSql.DrawFor("c.id")}
         """;

    /// <summary>Gives the channels that do not exist new origins: a history that was lost may have been one of theirs.</summary>
    public string RenewOrigins { get; } =
        $"""
         WITH forgotten AS (DELETE FROM {schema}.origin)
         UPDATE {schema}.meta SET origin = {ChanceSql.DrawFor("version")}
         """;
}
