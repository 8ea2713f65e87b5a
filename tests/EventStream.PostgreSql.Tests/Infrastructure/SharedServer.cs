namespace EventStream.PostgreSql.Tests.Infrastructure;

/// <summary>The one server of all tests that do not stop it, each with its own database.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private PostgreSqlServer? _server;

    /// <inheritdoc cref="PostgreSqlServer.CreateDatabaseAsync"/>
    public Task<string> CreateDatabaseAsync() => _server!.CreateDatabaseAsync();

    /// <inheritdoc cref="PostgreSqlServer.ThroughSocket"/>
    public string ThroughSocket(string connectionString) => _server!.ThroughSocket(connectionString);

    public async ValueTask InitializeAsync() => _server = await PostgreSqlServer.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }
}
