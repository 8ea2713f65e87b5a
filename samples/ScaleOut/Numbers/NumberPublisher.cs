using Npgsql;
using ScaleOut.Nodes;

namespace ScaleOut.Numbers;

/// <summary>Publishes twenty numbers a second on one node at a time; when that node dies, another continues with the next number.</summary>
/// <remarks>The transaction that publishes a number also counts it. So a node that dies has done both or neither.</remarks>
internal sealed class NumberPublisher(
    NpgsqlDataSource database, IEventStreamPublisher streams, Node node, ILogger<NumberPublisher> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(stoppingToken);
                await WaitForMyTurnAsync(connection, stoppingToken);
                await CountAsync(connection, stoppingToken);
            }
            catch (NpgsqlException error)
            {
                logger.LogInformation("No database: {Message}", error.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(500), stoppingToken);
            }
        }
    }

    // The lock is the connection's, and goes with it, however the node ends.
    private static async Task WaitForMyTurnAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(
            "SELECT pg_advisory_lock(hashtext('ScaleOut numbers'))", connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(stop);
    }

    private async Task CountAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Pause);
        while (await timer.WaitForNextTickAsync(stop))
        {
            await using var transaction = await connection.BeginTransactionAsync(stop);
            await using var command = new NpgsqlCommand("UPDATE numbers SET newest = newest + 1 RETURNING newest", connection, transaction);
            var number = new Number((long)(await command.ExecuteScalarAsync(stop))!, node.Name);
            await streams.PublishAsync("numbers", number, transaction, eventName: "number", cancellationToken: stop);
            await transaction.CommitAsync(stop);
        }
    }
}
