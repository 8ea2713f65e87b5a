using System.Diagnostics;
using EventStream.Client;
using Npgsql;

/// <summary>How long a message of a caller's transaction takes from the commit to subscribers, on an idle machine.</summary>
internal static class Arrival
{
    private const int Commits = 200;

    /// <summary>Between two commits, so that all is at rest again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    /// <summary>Commits one transaction at a time on one node, and prints when its message arrives there and on another node.</summary>
    public static async Task RunAsync()
    {
        await using var server = await PostgreSqlServer.CreateAsync();
        var database = await server.CreateDatabaseAsync();
        await using var publisher = Node.Start("commit", database);
        await using var here = await Subscriber.OpenAsync(await publisher.ReadLineAsync());
        await using var other = Node.Start("serve", database);
        await using var there = await Subscriber.OpenAsync(await other.ReadLineAsync());
        List<double> ofHere = [];
        List<double> ofThere = [];
        for (var commit = 0; commit < Commits; commit++)
        {
            await Task.Delay(Pause);
            publisher.WriteLine("commit");
            var at = long.Parse(await publisher.ReadLineAsync());
            ofHere.Add(Stopwatch.GetElapsedTime(at, await here.NextAsync()).TotalMilliseconds);
            ofThere.Add(Stopwatch.GetElapsedTime(at, await there.NextAsync()).TotalMilliseconds);
        }

        // The code that the first ones compile is no part of the question.
        Console.WriteLine($"From the end of a commit to the subscriber, {Commits - Commits / 10} commits one at a time, ms:");
        Print("this node", ofHere[(Commits / 10)..]);
        Print("another node", ofThere[(Commits / 10)..]);
    }

    /// <summary>The node whose app commits: a transaction for each line of input. It prints when the commit had returned.</summary>
    /// <param name="connectionString">Of the database.</param>
    public static async Task CommitAsync(string connectionString)
    {
        await using var app = await Library.StartAppAsync(connectionString);
        var hub = app.Services.GetRequiredService<EventStreamHub>();
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var connection = await source.OpenConnectionAsync();
        Console.WriteLine(app.Urls.First());
        while (Console.ReadLine() is not null)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await hub.PublishAsync("load-0", Message.Create(0), transaction);
            await transaction.CommitAsync();
            Console.WriteLine(Stopwatch.GetTimestamp());
        }
    }

    private static void Print(string where, List<double> milliseconds)
    {
        milliseconds.Sort();
        var (median, p99) = (milliseconds[milliseconds.Count / 2], milliseconds[milliseconds.Count * 99 / 100]);
        Console.WriteLine($"  {where}: median {median:N1}, p99 {p99:N1}, most {milliseconds[^1]:N1}");
    }

    private sealed class Subscriber(HttpClient http, IAsyncEnumerator<EventStreamClientEvent> events) : IAsyncDisposable
    {
        private Task<bool> _next = events.MoveNextAsync().AsTask();

        public static async Task<Subscriber> OpenAsync(string address)
        {
            var opened = new TaskCompletionSource();
            var http = new HttpClient { BaseAddress = new(address), Timeout = Timeout.InfiniteTimeSpan };
            var events = http.ReadEventStreamAsync("/0", new() { OnOpened = _ => opened.TrySetResult() });
            var subscriber = new Subscriber(http, events.GetAsyncEnumerator());
            await opened.Task;
            return subscriber;
        }

        /// <summary>Waits for the next message, and returns when it had come.</summary>
        public async Task<long> NextAsync()
        {
            await _next;
            var at = Stopwatch.GetTimestamp();
            _next = events.MoveNextAsync().AsTask();
            return at;
        }

        public ValueTask DisposeAsync()
        {
            http.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
