using EventStream.PostgreSql.Database;
using Npgsql;

namespace EventStream.PostgreSql.Hosting;

/// <summary>Makes the data source from a connection string, and sets what the string omits to the log's needs.</summary>
internal static class OwnDataSource
{
    public const string ApplicationName = "EventStream";

    /// <summary>Seven connections, and a few more for the time while they are replaced.</summary>
    /// <remarks>One listens, one or two append, two read, one serves outbox and identity, and one serves retention.</remarks>
    private const int MaxPoolSize = 10;

    /// <exception cref="ArgumentException">It is not a connection string.</exception>
    public static NpgsqlDataSource Create(string connectionString)
    {
        var settings = Settings(connectionString);
        return new NpgsqlDataSourceBuilder(settings.ConnectionString)
            .ConfigureTracing(static tracing => tracing
                .ConfigureCommandFilter(static _ => !Untraced.IsCurrent)
                .ConfigureBatchFilter(static _ => !Untraced.IsCurrent)
                .EnablePhysicalOpenTracing(false))
            .Build();
    }

    public static NpgsqlConnectionStringBuilder Settings(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (settings.ApplicationName is null) settings.ApplicationName = ApplicationName;
        if (!IsSet("Timeout")) settings.Timeout = 5;
        if (!IsSet("Command Timeout")) settings.CommandTimeout = 15;
        if (!IsSet("Maximum Pool Size")) settings.MaxPoolSize = MaxPoolSize;

        // Without keep-alives a firewall may drop the idle connection that listens, or the node may not notice that the server is gone.
        // A Unix domain socket does not support them, and would throw.
        if (!IsSet("TCP Keepalive") && settings.Host?.StartsWith('/') != true)
        {
            (settings.TcpKeepAlive, settings.TcpKeepAliveTime, settings.TcpKeepAliveInterval) = (true, 15, 5);
        }

        settings.Enlist = false;

        // The log's settings end with their transaction, so a reset before each use is not needed (`benchmarks/PostgreSqlLoad`).
        settings.NoResetOnClose = true;
        return settings;

        bool IsSet(string keyword) => settings.ContainsKey(keyword) && settings.Keys.Contains(keyword, StringComparer.OrdinalIgnoreCase);
    }
}
