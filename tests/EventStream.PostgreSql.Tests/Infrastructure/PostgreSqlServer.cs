using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace EventStream.PostgreSql.Tests.Infrastructure;

/// <summary>A private PostgreSQL server: a new cluster in a temporary folder, on a free port of the loopback address.</summary>
/// <remarks>
/// Nothing of it remains when it is disposed, or when the process ends in any way. Its settings are the defaults, with the full cost of a
/// commit: <c>fsync</c> is on. Only <see cref="CreateDatabaseAsync"/> may be called by several callers at the same time.
/// </remarks>
public sealed class PostgreSqlServer : IAsyncDisposable
{
    private const string User = "postgres";

    // Below the ports that Linux gives to outgoing connections, so that none of them takes the port while the server is down.
    private const int LowestPort = 15_000, HighestPort = 32_000;

    private readonly PostgreSqlKeeper _keeper;
    private readonly string _password;
    private int _port;
    private int _databases;

    private PostgreSqlServer(PostgreSqlKeeper keeper, string password)
    {
        _keeper = keeper;
        _password = password;
    }

    /// <summary>
    /// The superuser's connection string of the database <c>postgres</c>. It stays the same when the server is started again.
    /// </summary>
    public string ConnectionString => ConnectionStringOf("postgres");

    /// <summary>Makes a cluster and starts it.</summary>
    public static Task<PostgreSqlServer> CreateAsync() => CreateAsync(Guid.NewGuid().ToString("N"), primary: null);

    /// <summary>
    /// Makes a standby of this server, which has to be stopped, and starts it: it has the same databases, and only reads.
    /// </summary>
    public Task<PostgreSqlServer> CreateStandbyAsync() => CreateAsync(_password, _keeper.Folder);

    /// <summary>Makes a standby of this server, which runs, by <c>pg_basebackup</c>: it repeats what this one writes.</summary>
    public Task<PostgreSqlServer> CreateReplicaAsync() => CreateAsync(_password, $"{_port}");

    private static async Task<PostgreSqlServer> CreateAsync(string password, string? primary)
    {
        var server = new PostgreSqlServer(await PostgreSqlKeeper.StartAsync(PostgreSqlBinaries.Find(), password, primary), password);
        try
        {
            // Another process may take the port that was free a moment ago.
            for (var attempts = 5; ; attempts--)
            {
                server._port = FreePort();
                try
                {
                    await server.StartAsync();
                    return server;
                }
                catch (InvalidOperationException) when (attempts > 1)
                {
                }
            }
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its owner's connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync($"CREATE DATABASE {name}");
        return ConnectionStringOf(name);
    }

    /// <summary>Starts the server again, and returns when it takes connections.</summary>
    public Task StartAsync() => _keeper.OrderAsync($"start {_port}");

    /// <summary>Stops the server.</summary>
    /// <param name="immediate">
    /// Whether without a shutdown of its own, as in a crash: the next start recovers from the log. Otherwise its connections are cut, and
    /// it shuts down in order.
    /// </param>
    public Task StopAsync(bool immediate = false) => _keeper.OrderAsync(immediate ? "stop QUIT" : "stop INT");

    /// <inheritdoc cref="StopAsync"/>
    /// <summary>Stops the server and starts it again.</summary>
    public async Task RestartAsync(bool immediate = false)
    {
        await StopAsync(immediate);
        await StartAsync();
    }

    /// <summary>Makes a standby an independent server.</summary>
    public Task PromoteAsync() => ExecuteAsync("SELECT pg_promote()");

    /// <summary>The connection string of one of its databases, here.</summary>
    public string ConnectionStringOfSame(string connectionString) =>
        ConnectionStringOf(new NpgsqlConnectionStringBuilder(connectionString).Database!);

    /// <summary>The same connection string through the server's socket in the file system.</summary>
    public string ThroughSocket(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Host = _keeper.Folder }.ConnectionString;

    /// <summary>Cuts every connection to the server.</summary>
    public Task TerminateBackendsAsync() =>
        ExecuteAsync(
            "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> "
            + "pg_backend_pid()");

    public ValueTask DisposeAsync() => _keeper.DisposeAsync();

    private string ConnectionStringOf(string database) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = _port,
            Username = User,
            Password = _password,
            Database = database,
        }.ConnectionString;

    private async Task ExecuteAsync(string sql)
    {
        // Not pooled: a pool would keep connections of which the server knows nothing after it has been stopped.
        await using var source = NpgsqlDataSource.Create(ConnectionString + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A port that was free a moment ago.</summary>
    internal static int FreePort()
    {
        while (true)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(LowestPort, HighestPort));
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.AddressAlreadyInUse)
            {
            }
        }
    }
}
