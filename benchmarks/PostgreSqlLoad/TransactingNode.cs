using System.Diagnostics;
using Npgsql;

/// <summary>
/// A node whose connections place orders, each in a transaction of two statements: the order, and a message about it.
/// </summary>
internal static class TransactingNode
{
    /// <summary>The name of the way in which the message is an ordinary row of the app's.</summary>
    public const string Insert = "insert";

    /// <summary>The name of the way in which it is published.</summary>
    public const string Publish = "publish";

    /// <summary>The data of the message after all others.</summary>
    public const string End = "end";

    /// <summary>The number of connections, each of which begins its next transaction when the last one is committed.</summary>
    public const int Connections = 32;

    /// <summary>What a node has done.</summary>
    /// <param name="All">How many transactions it has committed.</param>
    /// <param name="Measured">How many of them after the warm-up.</param>
    /// <param name="LastCommit">When the last one was done, on the clock of the machine.</param>
    public readonly record struct Result(int All, int Measured, long LastCommit);

    /// <summary>Prints its address, waits for a line of input, works, and prints the result.</summary>
    /// <param name="way">How it sends the message about an order.</param>
    /// <param name="connectionString">Of the database.</param>
    /// <param name="seconds">How long to measure, after a warm-up.</param>
    public static async Task RunAsync(string way, string connectionString, double seconds)
    {
        await using var app = way == Publish ? await Library.StartAppAsync(connectionString) : null;
        var hub = app?.Services.GetRequiredService<EventStreamHub>();
        Console.WriteLine(app?.Urls.First());
        Console.ReadLine();
        await using var source = NpgsqlDataSource.Create(connectionString);
        var warmUp = WarmUp.RunAsync();
        var counts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(WorkAsync)));
        var lastCommit = Stopwatch.GetTimestamp();
        Console.WriteLine($"{counts.Sum(count => count.All)} {counts.Sum(count => count.Measured)} {lastCommit}");
        if (hub is null) return;

        // It comes when all others have come, and so ends the subscriber's stream.
        await using var outbox = source.CreateCommand("SELECT count(*) FROM eventstream.outbox");
        while (await outbox.ExecuteScalarAsync() is not 0L) await Task.Delay(20);
        await hub.PublishAsync("load-0", End);

        async Task<(int All, int Measured)> WorkAsync()
        {
            var (all, measured) = (0, 0);
            await using var connection = await source.OpenConnectionAsync();
            while (true)
            {
                var isWarm = warmUp.IsCompleted;
                if (isWarm && Stopwatch.GetElapsedTime(await warmUp).TotalSeconds > seconds) return (all, measured);
                await using var transaction = await connection.BeginTransactionAsync();
                await ExecuteAsync("INSERT INTO orders (customer, total) VALUES ($1, $2)", transaction, "somebody", 42);
                if (hub is not null) await hub.PublishAsync("load-0", Message.Create(0), transaction);
                else await ExecuteAsync("INSERT INTO messages (channel, data) VALUES ($1, $2)", transaction, "load-0", Message.Create(0));
                await transaction.CommitAsync();
                all++;
                if (isWarm) measured++;
            }
        }
    }

    /// <summary>Reads what a node has printed.</summary>
    public static async Task<Result> ReadAsync(Node node)
    {
        var parts = (await node.ReadLineAsync()).Split(' ');
        return new(int.Parse(parts[0]), int.Parse(parts[1]), long.Parse(parts[2]));
    }

    private static async Task ExecuteAsync<T1, T2>(string sql, NpgsqlTransaction transaction, T1 first, T2 second)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<T1> { TypedValue = first }, new NpgsqlParameter<T2> { TypedValue = second } },
        };
        await command.ExecuteNonQueryAsync();
    }
}
