using System.Diagnostics;
using System.Globalization;
using EventStream.PostgreSql;
using Npgsql;

/// <summary>How long the tokens of runs take from the producer to a reader: on PostgreSQL to one of another node, and in memory.</summary>
internal static class Tokens
{
    private const string InMemory = "memory";

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <summary>Measures one run, then many, then one that yields as fast as it can.</summary>
    /// <param name="seconds">How long each yields.</param>
    public static async Task RunAsync(double seconds)
    {
        await using var server = await PostgreSqlServer.CreateAsync();
        Console.WriteLine("| runs | tokens/s each | where | tokens/s read | p50, ms | p99, ms | most, ms |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (var (runs, rate) in new[] { (1, 5000), (500, 20), (1, 0) })
        {
            await MeasureAsync(InMemory, InMemory, runs, rate, seconds);
            var database = await server.CreateDatabaseAsync();
            await using var sampler = WaitSampler.Start(database);
            await MeasureAsync("PostgreSQL, another node", database, runs, rate, seconds);
            Console.WriteLine($"<!-- sessions of the database while it ran: {await sampler.EndAsync()} -->");
        }
    }

    /// <summary>A node with runs. It prints its address.</summary>
    /// <param name="connection">Of the database, or <c>memory</c>.</param>
    public static async Task ServeAsync(string connection)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        var streams = builder.Services.AddEventStreams().AddChannel("runs/{id}", channel => channel.InMemory = connection == InMemory);
        if (connection != InMemory) streams.AddPostgreSql(connection);
        await using var app = builder.Build();
        app.MapPost("/{id}", async (string id, double rate, double seconds, EventStreamHub hub) =>
            (await hub.Run($"runs/{id}", (_, stop) => YieldAsync(rate, seconds, stop)).StartAsync()).IsNew);
        app.MapEventStream("/{id}", context => $"runs/{context.Request.RouteValues["id"]}");
        await app.StartAsync();
        Console.WriteLine(app.Urls.First());
        await app.WaitForShutdownAsync();
    }

    private static async IAsyncEnumerable<string> YieldAsync(
        double rate, double seconds, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        var begin = Stopwatch.GetTimestamp();
        for (var token = 0L; Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds; token++)
        {
            // As many as are due, because a timer of the system is coarser than the time between two of 5,000 a second.
            while (rate > 0 && token >= Stopwatch.GetElapsedTime(begin).TotalSeconds * rate) await Task.Delay(1, stop);
            yield return Message.Create(Stopwatch.GetTimestamp());
        }
    }

    private static async Task MeasureAsync(string where, string connection, int runs, int rate, double seconds)
    {
        await using var owner = Node.Start("runs", connection);
        var address = new Uri(await owner.ReadLineAsync());
        await using var other = connection == InMemory ? null : Node.Start("runs", connection);
        var readAt = other is null ? address : new Uri(await other.ReadLineAsync());
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
        var reading = Enumerable.Range(0, runs).Select(StartAndReadAsync).ToArray();
        var ages = await Task.WhenAll(reading);
        double[] sorted = [.. ages.SelectMany(age => age).Order()];
        var read = sorted.Length / (seconds - WarmUp.TotalSeconds);
        Console.WriteLine(
            $"| {runs} | {(rate == 0 ? "as many as it can" : rate)} | {where} | {read:N0} | {At(50):N1} | {At(99):N1} | {sorted[^1]:N1} |");

        double At(int percent) => sorted[(sorted.Length - 1) * percent / 100];

        async Task<List<double>> StartAndReadAsync(int run)
        {
            // Spread, as the answers of many users are.
            await Task.Delay(TimeSpan.FromMilliseconds(1000.0 * run / runs));
            var query = string.Create(CultureInfo.InvariantCulture, $"/{run}?rate={rate}&seconds={seconds}");
            using (var started = await http.PostAsync(new Uri(address, query), null)) started.EnsureSuccessStatusCode();
            using var stream = new StreamReader(await http.GetStreamAsync(new Uri(readAt, $"/{run}")));
            var begin = Stopwatch.GetTimestamp();
            List<double> ages = [];
            while (await stream.ReadLineAsync() is { } line)
            {
                if (!line.StartsWith("data: ", StringComparison.Ordinal) || !line.Contains(';')) continue;
                if (Message.Age(line[6..]) is not { } age) continue;
                if (Stopwatch.GetElapsedTime(begin) > WarmUp) ages.Add(age.TotalMilliseconds);
            }

            return ages;
        }
    }

    /// <summary>Samples what the sessions of a database wait for: where its time goes.</summary>
    private sealed class WaitSampler : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly Dictionary<string, int> _waits = [];
        private readonly Task _sampling;

        private WaitSampler(string database) => _sampling = SampleAsync(database);

        public static WaitSampler Start(string database) => new(database);

        public async Task<string> EndAsync()
        {
            await _end.CancelAsync();
            await _sampling;
            var all = Math.Max(1, _waits.Values.Sum());
            return string.Join(", ", _waits.OrderByDescending(wait => wait.Value).Select(wait => $"{wait.Key} {100 * wait.Value / all} %"));
        }

        public async ValueTask DisposeAsync()
        {
            await EndAsync();
            _end.Dispose();
        }

        private async Task SampleAsync(string database)
        {
            await using var source = NpgsqlDataSource.Create(database);
            await using var command = source.CreateCommand(
                "SELECT coalesce(wait_event_type || ' ' || wait_event, 'on the processor') FROM pg_stat_activity "
                + "WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()");
            while (!_end.IsCancellationRequested)
            {
                await using (var reader = await command.ExecuteReaderAsync())
                {
                    while (await reader.ReadAsync())
                    {
                        var wait = reader.GetString(0);
                        _waits[wait] = _waits.GetValueOrDefault(wait) + 1;
                    }
                }

                await Task.Delay(20);
            }
        }
    }
}
