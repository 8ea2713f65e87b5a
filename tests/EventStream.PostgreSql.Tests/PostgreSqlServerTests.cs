using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace EventStream.PostgreSql.Tests;

/// <summary>The server that the other tests run on.</summary>
public sealed class PostgreSqlServerTests(SharedServer shared)
{
    [Fact(Timeout = 120_000)]
    public async Task CreateDatabase_Twice_EachIsItsOwn()
    {
        await using var one = NpgsqlDataSource.Create(await shared.CreateDatabaseAsync());
        await using var other = NpgsqlDataSource.Create(await shared.CreateDatabaseAsync());

        await ExecuteAsync(one, "CREATE TABLE t (n int)");

        await ExecuteAsync(other, "CREATE TABLE t (n int)");
    }

    [Theory(Timeout = 120_000)]
    [InlineData("fsync")]
    [InlineData("synchronous_commit")]
    [InlineData("full_page_writes")]
    public async Task Settings_OfACommit_CostWhatTheyCostAnywhere(string setting)
    {
        await using var source = NpgsqlDataSource.Create(await shared.CreateDatabaseAsync());

        (await ScalarAsync(source, $"SHOW {setting}")).Should().Be("on");
    }

    [Fact(Timeout = 120_000)]
    public async Task TerminateBackends_OpenConnection_IsCut()
    {
        await using var server = await PostgreSqlServer.CreateAsync();
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT 1", connection);

        await server.TerminateBackendsAsync();

        (await command.Invoking(command => command.ExecuteScalarAsync()).Should().ThrowAsync<PostgresException>())
            .Which.SqlState.Should().Be(PostgresErrorCodes.AdminShutdown);
    }

    [Theory(Timeout = 120_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stop_AndStart_RefusesMeanwhileAndKeepsWhatWasCommitted(bool immediate)
    {
        await using var server = await PostgreSqlServer.CreateAsync();
        await using var source = NpgsqlDataSource.Create(await server.CreateDatabaseAsync() + ";Pooling=false");
        await ExecuteAsync(source, "CREATE TABLE t AS SELECT 42 AS n");

        await server.StopAsync(immediate);
        await source.Invoking(source => ScalarAsync(source, "SELECT 1")).Should().ThrowAsync<NpgsqlException>();
        await server.StartAsync();

        (await ScalarAsync(source, "SELECT n FROM t")).Should().Be(42);
    }

    [Fact(Timeout = 120_000)]
    public async Task Start_OnAPortThatIsTaken_ReportsIt()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        await using var keeper = await PostgreSqlKeeper.StartAsync(PostgreSqlBinaries.Find(), "password");

        await keeper.Invoking(keeper => keeper.OrderAsync($"start {((IPEndPoint)taken.LocalEndpoint).Port}"))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("*Address already in use*");
    }

    [Fact(Timeout = 120_000)]
    public async Task Dispose_RunningServer_LeavesNoProcessAndNoFile()
    {
        var server = await PostgreSqlServer.CreateAsync();
        string folder;
        int process;
        await using (var source = NpgsqlDataSource.Create(server.ConnectionString))
        {
            folder = (string)(await ScalarAsync(source, "SHOW data_directory"))!;
            process = int.Parse((string)(await ScalarAsync(source, "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"))!);
        }

        IsRunning(process).Should().BeTrue();
        await server.DisposeAsync();

        IsRunning(process).Should().BeFalse();
        Directory.Exists(Path.GetDirectoryName(folder)).Should().BeFalse();
    }

    private static bool IsRunning(int process) => Directory.Exists($"/proc/{process}");

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> ScalarAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
