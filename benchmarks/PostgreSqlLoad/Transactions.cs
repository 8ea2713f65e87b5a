using System.Diagnostics;
using System.Globalization;
using EventStream.Client;
using Npgsql;

/// <summary>
/// What publishing in the caller's transaction costs it: the same transaction beside one whose second statement is an ordinary insert.
/// </summary>
/// <remarks>
/// While the transactions run, the messages are moved into the log, and sent to a subscriber over HTTP. All of that runs on the same cores.
/// </remarks>
internal static class Transactions
{
    /// <summary>How late the last message may be after the last commit.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>Runs pairs, of which every second one is turned round, and prints each and the ratios.</summary>
    /// <param name="pairs">How many.</param>
    /// <param name="seconds">How long each half is measured.</param>
    public static async Task RunAsync(int pairs, double seconds)
    {
        await using var server = await PostgreSqlServer.CreateAsync();
        Console.WriteLine(
            $"{TransactingNode.Connections} connections, {pairs} pairs of {seconds} s. Late is the last message after the last commit.");
        Console.WriteLine();
        Console.WriteLine("| pair | second insert, transactions/s | published, transactions/s | ratio | late, ms |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        List<double> ratios = [];
        List<double> late = [];
        for (var pair = 1; pair <= pairs; pair++)
        {
            var insert = pair % 2 == 1 ? await MeasureInsertAsync(server, seconds) : 0;
            var (publish, delay) = await MeasurePublishAsync(server, seconds);
            if (insert == 0) insert = await MeasureInsertAsync(server, seconds);
            ratios.Add(publish / insert);
            late.Add(delay.TotalMilliseconds);
            Console.WriteLine($"| {pair} | {insert:N0} | {publish:N0} | {ratios[^1]:N2} | {late[^1]:N0} |");
        }

        ratios.Sort();
        Console.WriteLine();
        Console.WriteLine(
            $"Ratio: median {ratios[ratios.Count / 2]:N2}, from {ratios[0]:N2} to {ratios[^1]:N2}. Late: at most {late.Max():N0} ms.");
    }

    private static async Task<double> MeasureInsertAsync(PostgreSqlServer server, double seconds)
    {
        var database = await PrepareAsync(server);
        await using var node = Start(TransactingNode.Insert, database, seconds);
        await node.ReadLineAsync();
        node.WriteLine("begin");
        return (await TransactingNode.ReadAsync(node)).Measured / seconds;
    }

    private static async Task<(double Rate, TimeSpan Late)> MeasurePublishAsync(PostgreSqlServer server, double seconds)
    {
        var database = await PrepareAsync(server);
        await using var node = Start(TransactingNode.Publish, database, seconds);
        using var http = new HttpClient { BaseAddress = new(await node.ReadLineAsync()), Timeout = Timeout.InfiniteTimeSpan };
        var (received, newest) = (0, 0L);
        var opened = new TaskCompletionSource();
        using var stop = new CancellationTokenSource();
        var reading = Task.Run(ReadAsync);
        await opened.Task;
        node.WriteLine("begin");
        var result = await TransactingNode.ReadAsync(node);
        stop.CancelAfter(Limit * 10);
        await reading;
        if (received != result.All) throw new InvalidOperationException($"{result.All} messages were committed, and {received} arrived.");
        var late = Stopwatch.GetElapsedTime(result.LastCommit, newest);
        if (late > Limit) Console.WriteLine($"The next line's last message is late by more than {Limit.TotalSeconds} s.");
        return (result.Measured / seconds, late > TimeSpan.Zero ? late : TimeSpan.Zero);

        async Task ReadAsync()
        {
            try
            {
                await foreach (var message in http.ReadEventStreamAsync("/0", new() { OnOpened = _ => opened.TrySetResult() }, stop.Token))
                {
                    if (message.Data == TransactingNode.End) return;
                    received++;
                    newest = Stopwatch.GetTimestamp();
                }
            }
            catch (OperationCanceledException)
            {
                // What has arrived until now is compared with what was committed.
            }
        }
    }

    private static Node Start(string way, string database, double seconds) =>
        Node.Start("transact", way, database, seconds.ToString(CultureInfo.InvariantCulture));

    private static async Task<string> PrepareAsync(PostgreSqlServer server)
    {
        var database = await server.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(
            """
            CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer text NOT NULL, total int NOT NULL);
            CREATE TABLE messages (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, channel text NOT NULL, data text NOT NULL);
            """);
        await command.ExecuteNonQueryAsync();
        await using var checkpoint = source.CreateCommand("CHECKPOINT");
        await checkpoint.ExecuteNonQueryAsync();
        return database;
    }
}
