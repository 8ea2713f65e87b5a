using EventStream.PostgreSql.Database;
using Npgsql;

namespace EventStream.PostgreSql.Hosting;

/// <summary>The connections of a log that was given a connection string: what that leaves open is set to what the log needs.</summary>
internal static class OwnDataSource
{
    public const string ApplicationName = "EventStream";

    /// <summary>
    /// One listens, one or two append, two read, one looks after outbox and identity, one after retention: and a few for when they are
    /// replaced.
    /// </summary>
    private const int MaxPoolSize = 10;

    /// <exception cref="ArgumentException">It is no connection string.</exception>
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

        // A connection on which nothing is said must not be taken down by a firewall, nor outlive its server. The socket of a folder knows
        // nothing of it, and would refuse.
        if (!IsSet("TCP Keepalive") && settings.Host?.StartsWith('/') != true) (settings.TcpKeepAlive, settings.TcpKeepAliveTime, settings.TcpKeepAliveInterval) = (true, 15, 5);
        settings.Enlist = false;

        // What a transaction of the log sets ends with it, so there is nothing to reset before each (`benchmarks/PostgreSqlLoad`).
        settings.NoResetOnClose = true;
        return settings;

        bool IsSet(string keyword) => settings.ContainsKey(keyword) && settings.Keys.Contains(keyword, StringComparer.OrdinalIgnoreCase);
    }
}
