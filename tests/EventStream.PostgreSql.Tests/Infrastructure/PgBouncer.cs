using System.Diagnostics;
using System.Net.Sockets;
using Npgsql;

namespace EventStream.PostgreSql.Tests.Infrastructure;

/// <summary>A real PgBouncer before a server, gone without a trace when it is disposed of or the process ends in any way.</summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    // The shell's input ends when the process that holds the other end is gone. PgBouncer refuses to run as root.
    private const string Script = """
        folder=$1 bouncer=
        trap '[ -z "$bouncer" ] || { kill -INT "$bouncer"; wait "$bouncer"; }; rm -rf "$folder"' EXIT
        chmod -R a+rX "$folder"
        [ "$(id -u)" -ne 0 ] || user="--reuid=nobody --regid=nogroup --clear-groups"
        PATH=$PATH:/usr/sbin setpriv $user --pdeathsig KILL pgbouncer -q "$folder/settings" </dev/null &
        bouncer=$!
        read -r _
        """;

    private readonly Process _process;

    private PgBouncer(Process process, string connectionString) => (_process, ConnectionString) = (process, connectionString);

    /// <summary>The connection string of the same database, through PgBouncer.</summary>
    public string ConnectionString { get; }

    /// <summary>Starts one, with few sessions on the server, so that clients share them.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="mode">What a client has a session for: <c>session</c> or <c>transaction</c>.</param>
    public static async Task<PgBouncer> StartAsync(string connectionString, string mode)
    {
        var database = new NpgsqlConnectionStringBuilder(connectionString);
        var port = PostgreSqlServer.FreePort();
        var folder = Directory.CreateTempSubdirectory("eventstream-pgbouncer-").FullName;
        await File.WriteAllTextAsync(
            Path.Combine(folder, "settings"),
            $"""
             [databases]
             * = host={database.Host} port={database.Port} user={database.Username} password={database.Password}
             [pgbouncer]
             listen_addr = 127.0.0.1
             listen_port = {port}
             unix_socket_dir =
             auth_type = any
             pool_mode = {mode}
             default_pool_size = {(mode == "session" ? 20 : 4)}

             """);
        var process = Process.Start(new ProcessStartInfo("bash", ["-c", Script, "bash", folder]) { RedirectStandardInput = true })!;
        var through = new NpgsqlConnectionStringBuilder(connectionString) { Host = "127.0.0.1", Port = port };
        var pooler = new PgBouncer(process, through.ConnectionString);
        await Soon.Until(() => IsOpen(port), "PgBouncer takes connections; it is installed by ./test");
        return pooler;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Soon.Limit);
        _process.Dispose();
    }

    private static bool IsOpen(int port)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
