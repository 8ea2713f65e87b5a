using Npgsql;

/// <summary>How long the server waits for the disk: the hand-written way is as fast as that, so no ratio says much without it.</summary>
internal sealed class Flushes : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;

    private Flushes(string connectionString) => _source = NpgsqlDataSource.Create(connectionString + ";Pooling=false");

    /// <summary>Begins to count.</summary>
    /// <param name="connectionString">A superuser's.</param>
    public static async Task<Flushes> BeginAsync(string connectionString)
    {
        var flushes = new Flushes(connectionString);
        await flushes.AskAsync("ALTER SYSTEM SET track_wal_io_timing = on");
        await flushes.AskAsync("SELECT pg_reload_conf(), pg_stat_reset_shared('wal')");
        return flushes;
    }

    /// <summary>The milliseconds of one, on average since then.</summary>
    public async Task<double> AverageAsync() => (double)(await AskAsync("SELECT wal_sync_time / greatest(wal_sync, 1) FROM pg_stat_wal"))!;

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task<object?> AskAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
