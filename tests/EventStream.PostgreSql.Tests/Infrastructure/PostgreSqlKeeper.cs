using System.Diagnostics;

namespace EventStream.PostgreSql.Tests.Infrastructure;

/// <summary>The shell that makes, starts and stops a cluster on command, and that removes it at the end.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>It removes the cluster when its input ends: the process at the other end is gone, killed or not.</item>
/// <item>It has its own session, so it outlives the process group of a test run. It stops the server and removes the folder, and the
/// server cannot outlive it.</item>
/// <item>It waits for the processes that it has started, because not every container has a first process that does.</item>
/// </list>
/// </remarks>
internal sealed class PostgreSqlKeeper : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // Each answer is one line: the folder first, then an empty one for an order that succeeded, or else what went wrong.
    private const string Script = """
        bin=$1 primary=$2 server=
        read -r password
        cd / && umask 077
        folder=$(mktemp -d "${TMPDIR:-/tmp}/eventstream-postgresql-XXXXXX") || exit
        data=$folder/data log=$folder/log
        trap 'stop QUIT; rm -rf "$folder"' EXIT
        echo "$folder"

        make() {
            case $primary in
            /*) cp -R "$primary/data" "$data" && touch "$data/standby.signal"; return ;;
            ?*)
                PGPASSWORD=$password "$bin/pg_basebackup" -h 127.0.0.1 -p "$primary" -U postgres -D "$data" -R -X stream -c fast --no-sync
                return
                ;;
            esac
            printf %s "$password" >"$folder/password"
            # What initdb writes need not survive a loss of power; what tests commit is written as it is anywhere.
            "$bin/initdb" --no-sync --username=postgres --pwfile="$folder/password" \
                --auth=scram-sha-256 --encoding=UTF8 --locale=C --pgdata="$data"
        } >"$log" 2>&1

        start() {
            # Killed itself, this shell takes the server along.
            setpriv --pdeathsig KILL "$bin/postgres" -D "$data" \
                -c listen_addresses=127.0.0.1 -c port="$1" -c unix_socket_directories="$folder" -c max_connections=300 \
                </dev/null >>"$log" 2>&1 &
            server=$!
            until grep -qx "$server" "$data/postmaster.pid" && grep -q ready "$data/postmaster.pid"; do
                kill -0 "$server" || { server= && return 1; }
                sleep 0.05
            done 2>/dev/null
        }

        stop() {
            [ -z "$server" ] || { kill -s "$1" "$server" && wait "$server"; } 2>/dev/null
            server=
        }

        answer() {
            if "$@"; then echo; else tail -n 20 "$log" | tr '\n' ' ' && echo; fi
        }

        answer make
        while read -r order argument; do
            answer "$order" "$argument"
        done
        """;

    private readonly Process _process;

    private PostgreSqlKeeper(Process process) => _process = process;

    /// <summary>The folder of the cluster and its log.</summary>
    public string Folder { get; private set; } = "";

    /// <summary>Makes a cluster.</summary>
    /// <param name="binaries">The folder with PostgreSQL's programs.</param>
    /// <param name="password">That of the superuser <c>postgres</c>.</param>
    /// <param name="primary">
    /// The server whose standby it becomes: the folder of a stopped server, or the port of a running one, which it then follows.
    /// Null: it is no standby.
    /// </param>
    public static async Task<PostgreSqlKeeper> StartAsync(string binaries, string password, string? primary = null)
    {
        // PostgreSQL refuses to run as root.
        string[] command =
        [
            .. Environment.UserName == "root" ? new[] { "runuser", "-u", "postgres", "--" } : [],
            "setsid",
            "--wait",
            "bash",
            "-c",
            Script,
            "bash",
            binaries,
            primary ?? "",
        ];
        var keeper = new PostgreSqlKeeper(
            Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true })!);
        try
        {
            await keeper._process.StandardInput.WriteLineAsync(password);
            keeper.Folder = await keeper.AnswerAsync();
            await keeper.SuccessAsync("initdb");
            return keeper;
        }
        catch
        {
            await keeper.DisposeAsync();
            throw;
        }
    }

    /// <summary>Gives an order, and returns when it has been carried out.</summary>
    /// <exception cref="InvalidOperationException">It has failed; the message has the end of the server's log.</exception>
    public async Task OrderAsync(string order)
    {
        await _process.StandardInput.WriteLineAsync(order);
        await SuccessAsync(order);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();

        // Without a limit: the server is killed after 5 s, and how long the files of hundreds of databases take is up to the disk.
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task SuccessAsync(string order)
    {
        var failure = await AnswerAsync();
        if (failure.Length > 0) throw new InvalidOperationException($"PostgreSQL did not carry out '{order}': {failure}");
    }

    private async Task<string> AnswerAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(Limit)
        ?? throw new InvalidOperationException("The shell that keeps PostgreSQL ended; what it said is on the standard error.");
}
