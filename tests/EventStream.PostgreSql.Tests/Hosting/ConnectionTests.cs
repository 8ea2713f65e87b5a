using EventStream.Client;
using Npgsql;

namespace EventStream.PostgreSql.Tests.Hosting;

public sealed class ConnectionTests(SharedServer server)
{
    private const int Channels = 40;
    private const int Messages = 40;

    [Fact(Timeout = 120_000)]
    public async Task Node_WithManyChannelsSubscribersAndPublishers_HasSevenConnectionsAtMost()
    {
        var database = await server.CreateDatabaseAsync();
        await using var app = await StartAsync(database);
        await using var looking = NpgsqlDataSource.Create(database + ";Application Name=looking");
        var hub = app.Services.GetRequiredService<EventStreamHub>();
        using var done = new CancellationTokenSource();
        var most = MostConnectionsAsync(looking, done.Token);
        var starts = await Task.WhenAll(
            Enumerable.Range(0, Channels).Select(async channel => (await hub.PublishAsync($"orders/{channel}", "0")).ToString()));

        // Everything together: live and old messages, the outbox, and messages that retention deletes.
        var reading = Enumerable.Range(0, Channels * 3)
            .Select(reader => Task.Run(() => ReadAsync(app, reader % Channels, starts[reader % Channels])));
        var publishing = Enumerable.Range(0, Channels).Select(channel => Task.Run(() => PublishAsync(hub, looking, channel)));
        await Task.WhenAll(reading.Concat(publishing)).OrFail();
        await done.CancelAsync();

        (await most).Should().BeInRange(2, 7);
    }

    private static async Task PublishAsync(EventStreamHub hub, NpgsqlDataSource source, int channel)
    {
        for (var message = 1; message < Messages; message++) await hub.PublishAsync($"orders/{channel}", $"{message}");
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await hub.PublishAsync($"orders/{channel}", "last", transaction);
        await transaction.CommitAsync();
    }

    private static async Task ReadAsync(WebApplication app, int channel, string position)
    {
        using var client = new HttpClient { BaseAddress = new(app.Urls.First()) };
        await foreach (var message in client.ReadEventStreamAsync($"/{channel}", new() { LastEventId = position }))
        {
            if (message.Data == "last") return;
        }
    }

    private static async Task<long> MostConnectionsAsync(NpgsqlDataSource source, CancellationToken done)
    {
        await using var command = source.CreateCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'EventStream'");
        var most = 0L;
        while (!done.IsCancellationRequested) most = Math.Max(most, (long)(await command.ExecuteScalarAsync(CancellationToken.None))!);
        return most;
    }

    private static async Task<WebApplication> StartAsync(string database)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddEventStreams()
            .AddChannel("orders/{id}", channel => channel.Capacity = 4)
            .AddPostgreSql(
                database, o => (o.PollInterval, o.RetentionInterval) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)));
        var app = builder.Build();
        app.MapEventStream("/{number}", context => $"orders/{context.Request.RouteValues["number"]}");
        await app.StartAsync();
        return app;
    }
}
