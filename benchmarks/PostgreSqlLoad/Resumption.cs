using System.Diagnostics;
using EventStream.Client;
using Npgsql;

/// <summary>A restart: two thousand clients resume at the same time on a node that has just started.</summary>
/// <remarks>Each resumes a thousand messages, and the node's memory has the last quarter of them.</remarks>
internal static class Resumption
{
    private const int Clients = 2000;
    private const int Messages = 1000;
    private const int InMemory = Messages / 4;
    private const string Reads = "SELECT sum(idx_scan)::bigint FROM pg_stat_user_indexes WHERE indexrelname = 'message_pkey'";

    public static async Task RunAsync()
    {
        await using var server = await PostgreSqlServer.CreateAsync();
        var database = await server.CreateDatabaseAsync();
        await using var publisher = Node.Start("beat", database);
        var position = await publisher.ReadLineAsync();
        await using var node = Node.Start("serve", database);
        using var http = new HttpClient { BaseAddress = new(await node.ReadLineAsync()), Timeout = Timeout.InfiniteTimeSpan };
        await ReadAsync(http, position);
        await using var source = NpgsqlDataSource.Create(database);
        var (reads, memory) = (await ReadsAsync(source), node.Memory);
        using var done = new CancellationTokenSource();
        publisher.WriteLine("begin");

        var begin = Stopwatch.GetTimestamp();
        var most = MostAsync(() => node.Memory, done.Token);
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => ReadAsync(http, position)));
        var elapsed = Stopwatch.GetElapsedTime(begin);
        publisher.WriteLine("end");
        await done.CancelAsync();

        Console.WriteLine(
            $"{Clients} clients have {Messages} messages each after {elapsed.TotalSeconds:N1} s. "
            + $"The node had {memory >> 20} MB before, and {await most >> 20} MB at most.");
        Console.WriteLine(
            $"The database was asked for {await ReadsAsync(source) - reads} pages. "
            + $"Meanwhile another node published every 20 ms, the slowest in {await publisher.ReadLineAsync()} ms.");
    }

    /// <summary>The node on which they resume. It prints its address.</summary>
    /// <param name="connectionString">Of the database.</param>
    public static async Task ServeAsync(string connectionString)
    {
        await using var app = await Library.StartAppAsync(connectionString, InMemory);
        Console.WriteLine(app.Urls.First());
        await app.WaitForShutdownAsync();
    }

    /// <summary>The node that publishes.</summary>
    /// <remarks>
    /// It publishes the messages to resume, and prints the position before them. Between two lines of input it publishes a message every
    /// 20 ms. At the end it prints how many milliseconds the slowest publish took.
    /// </remarks>
    /// <param name="connectionString">Of the database.</param>
    public static async Task BeatAsync(string connectionString)
    {
        await using var app = await Library.StartAppAsync(connectionString);
        var hub = app.Services.GetRequiredService<EventStreamHub>();
        Console.WriteLine(await hub.PublishAsync("load-0", Message.Create(0)));
        await hub.PublishBatchAsync("load-0", Enumerable.Range(0, Messages).Select(_ => Message.Create(0)));
        Console.ReadLine();
        var end = Task.Run(Console.ReadLine);
        var slowest = 0.0;
        while (!end.IsCompleted)
        {
            var begin = Stopwatch.GetTimestamp();
            await hub.PublishAsync("load-0", Message.Create(0));
            slowest = Math.Max(slowest, Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            await Task.Delay(20);
        }

        Console.WriteLine($"{slowest:N0}");
    }

    private static async Task ReadAsync(HttpClient http, string position)
    {
        var read = 0;
        await foreach (var message in http.ReadEventStreamAsync("/0", new() { LastEventId = position }))
        {
            if (message.Gap is { } gap) throw new InvalidOperationException($"Messages are lost: {gap.Reason}.");
            if (++read == Messages) return;
        }
    }

    private static async Task<long> MostAsync(Func<long> figure, CancellationToken done)
    {
        var most = 0L;
        while (!done.IsCancellationRequested)
        {
            most = Math.Max(most, figure());
            await Task.Delay(50, CancellationToken.None);
        }

        return most;
    }

    private static async Task<long> ReadsAsync(NpgsqlDataSource source)
    {
        // The server counts when a transaction is over, and then not at once.
        await Task.Delay(2000);
        await using var command = source.CreateCommand(Reads);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
