using Npgsql;

/// <summary>A hand-written way without a library: a row and a notification for each message.</summary>
/// <remarks>
/// Row and notification share a transaction and a round trip. A node that is notified selects the row.
/// <para/>
/// It is better than the usual code, so the comparison is fair to it: it selects the rows by the numbers in the notifications. The usual
/// "all after the last number" loses each message that was numbered first and committed second. In return it gives no order.
/// </remarks>
internal sealed class HandWritten(string connectionString, int channels) : Way(connectionString, channels)
{
    public const string Name = "hand-written";

    public override async Task CreateAsync()
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        await using var command = source.CreateCommand(
            "CREATE TABLE messages (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, channel text NOT NULL, data text NOT NULL)");
        await command.ExecuteNonQueryAsync();
    }

    public override async Task<Func<int, string, Task>> ConnectPublisherAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        var channel = new NpgsqlParameter<string>();
        var data = new NpgsqlParameter<string>();
        var command = new NpgsqlCommand(
            "WITH inserted AS (INSERT INTO messages (channel, data) VALUES ($1, $2) RETURNING id) SELECT pg_notify('messages', id::text) "
            + "FROM inserted",
            connection) { Parameters = { channel, data } };
        await command.PrepareAsync();
        return (number, text) =>
        {
            channel.TypedValue = $"load-{number}";
            data.TypedValue = text;
            return command.ExecuteNonQueryAsync();
        };
    }

    public override async Task ReceiveAsync(Action listening, Action<string> received, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(cancellation);
        List<long> notified = [];
        connection.Notification += (_, notification) => notified.Add(long.Parse(notification.Payload));
        await using (var listen = new NpgsqlCommand("LISTEN messages", connection)) await listen.ExecuteNonQueryAsync(cancellation);
        var ids = new NpgsqlParameter<long[]>();
        await using var select = new NpgsqlCommand(
            "SELECT data FROM messages WHERE id = ANY($1) ORDER BY id", connection) { Parameters = { ids } };
        ids.TypedValue = [];
        await select.PrepareAsync(cancellation);
        listening();
        while (true)
        {
            // Notifications that came while the last rows were read are here already.
            if (notified.Count == 0) await connection.WaitAsync(cancellation);
            ids.TypedValue = [.. notified];
            notified.Clear();
            await using var rows = await select.ExecuteReaderAsync(cancellation);
            while (await rows.ReadAsync(cancellation)) received(rows.GetString(0));
        }
    }
}
