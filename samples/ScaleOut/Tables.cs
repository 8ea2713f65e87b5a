using Npgsql;

namespace ScaleOut;

/// <summary>The sample's own tables, made by the node that comes first.</summary>
internal sealed class Tables(NpgsqlDataSource database) : IHostedService
{
    private const string Script = """
        -- The nodes start at once; the lock lasts as long as the transaction of these statements.
        SELECT pg_advisory_xact_lock(hashtext('ScaleOut tables'));
        CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item text NOT NULL, node text NOT NULL);
        CREATE TABLE IF NOT EXISTS numbers (newest bigint NOT NULL);
        INSERT INTO numbers SELECT 0 WHERE NOT EXISTS (SELECT FROM numbers);
        """;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Script);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
