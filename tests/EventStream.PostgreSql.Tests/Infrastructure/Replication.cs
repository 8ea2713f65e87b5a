using Npgsql;

namespace EventStream.PostgreSql.Tests.Infrastructure;

/// <summary>What a test asks of a server and its standby.</summary>
internal static class Replication
{
    /// <summary>Returns when a standby has repeated all that its primary has written.</summary>
    public static async Task ReplicateAsync(this PostgreSqlServer primary, PostgreSqlServer replica)
    {
        await using var source = NpgsqlDataSource.Create(primary.ConnectionString + ";Pooling=false");
        await using var written = source.CreateCommand("SELECT pg_current_wal_lsn()::text");
        var position = await written.ExecuteScalarAsync();
        await using var standby = NpgsqlDataSource.Create(replica.ConnectionString + ";Pooling=false");
        await using var repeated = standby.CreateCommand($"SELECT pg_last_wal_replay_lsn() >= '{position}'");
        await Soon.Until(() => repeated.ExecuteScalar() is true, "the standby has repeated all");
    }

    /// <summary>Cuts a standby off from its primary for good.</summary>
    public static async Task CutOffAsync(this PostgreSqlServer replica)
    {
        await using var source = NpgsqlDataSource.Create(replica.ConnectionString + ";Pooling=false");
        await using var setting = source.CreateCommand("ALTER SYSTEM SET primary_conninfo = ''");
        await setting.ExecuteNonQueryAsync();
        await using var reload = source.CreateCommand("SELECT pg_reload_conf()");
        await reload.ExecuteNonQueryAsync();
        await using var receivers = source.CreateCommand("SELECT count(*) FROM pg_stat_wal_receiver");
        await Soon.Until(() => receivers.ExecuteScalar() is 0L, "the standby receives nothing");
    }
}
