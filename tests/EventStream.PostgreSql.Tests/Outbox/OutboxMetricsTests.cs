using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Outbox;

/// <summary>What is counted of messages that were published in transactions.</summary>
public sealed class OutboxMetricsTests(SharedServer server)
{
    [Fact(Timeout = 60_000)]
    public async Task Published_InTransactionsOfTwoNodes_IsCountedOnceWhenItIsCommitted()
    {
        var database = await server.CreateDatabaseAsync();
        await using var one = await StartAsync(database);
        await using var two = await StartAsync(database);
        using var metricsOfOne = new MetricRecorder(one.Services);
        using var metricsOfTwo = new MetricRecorder(two.Services);
        await using var node = await LogNode.StartAsync(database);
        await node.AppendAsync(Message("orders/complete", "a"), End("orders/complete"));
        await using var connection = await node.OpenAsync();

        await PublishAsync(one, "orders/7", commit: true);
        await PublishAsync(two, "orders/8", commit: true);
        await PublishAsync(one, "orders/7", commit: false);
        await PublishAsync(one, "orders/complete", commit: true);
        await PublishAsync(two, "news", commit: true);
        await Soon.Until(() => Of("news") == 3);
        await Soon.Until(() => node.ScalarAsync("SELECT count(*) FROM eventstream.outbox").Result is 0L);

        await Soon.Until(() => Of("orders/{id}") == 6, "two messages and one, of each node");
        (await node.ReadAsync("orders/7")).Newest.Should().Be(3);
        (await node.ReadAsync("orders/8")).Newest.Should().Be(3);
        one.Services.GetRequiredService<EventStreamHub>().Channels.Should().NotContain(channel => channel.Name == "orders/8");

        double Of(string channel) =>
            metricsOfOne.Of("event_stream.channel.published").Concat(metricsOfTwo.Of("event_stream.channel.published"))
                .Where(measured => measured.Tags["event_stream.channel"]!.Equals(channel)).Sum(measured => measured.Value);

        async Task PublishAsync(WebApplication app, string channel, bool commit)
        {
            var hub = app.Services.GetRequiredService<EventStreamHub>();
            await using var transaction = await connection.BeginTransactionAsync();
            await hub.PublishAsync(channel, "one", transaction);
            await hub.PublishBatchAsync(
                channel, [new EventStreamMessage { Data = "two" }, new EventStreamMessage { Data = "three" }], transaction);
            if (commit) await transaction.CommitAsync();
        }
    }

    private static async Task<WebApplication> StartAsync(string database)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddEventStreams().AddChannel("orders/{id}").AddChannel("news").AddPostgreSql(database);
        var app = builder.Build();
        await app.StartAsync();
        return app;
    }
}
