using Npgsql;

namespace EventStream.PostgreSql.Tests.Infrastructure;

/// <summary>A transaction that holds its locks until it is disposed of.</summary>
internal sealed class HeldTransaction(NpgsqlConnection connection) : IAsyncDisposable
{
    /// <summary>The server's process for it.</summary>
    public int Process => connection.ProcessID;

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
