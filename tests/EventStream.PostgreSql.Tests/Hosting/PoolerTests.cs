using Microsoft.Extensions.Diagnostics.HealthChecks;
using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Hosting;

/// <summary>A real PgBouncer between the app and the server.</summary>
public sealed class PoolerTests(SharedServer server)
{
    private const int Unreachable = 1;
    private const int DoNotArrive = 11;

    [Fact(Timeout = 60_000)]
    public async Task Transactions_OfManyConnectionsInTransactionMode_UseNoStatementOfAnotherSession()
    {
        await using var pooler = await PgBouncer.StartAsync(await server.CreateDatabaseAsync(), "transaction");
        await using var node = await LogNode.StartAsync(pooler.ConnectionString);

        for (var round = 0; round < 10; round++)
        {
            var appends = Enumerable.Range(0, 8).Select(channel =>
                (Task)node.AppendAsync(Message($"c{channel}", $"{round}"), Keyed("keys", "k", $"{channel} {round}")));
            var reads = Enumerable.Range(0, 8).Select(channel => (Task)node.ReadAsync($"c{channel}"));
            await Task.WhenAll([.. appends, .. reads, node.PublishAsync(Message("orders", $"{round}"))]).OrFail();
            await node.Sequencer.MoveAllAsync(CancellationToken.None);
        }

        (await node.ReadAsync("c0")).Texts().Should().Equal(Numbers(10).Select(number => $"{number - 1}"));
        (await node.ReadAsync("keys")).Newest.Should().Be(80);
        (await node.ReadAsync("orders")).Newest.Should().Be(10);
        node.Database.Fault.Should().BeNull();
    }

    [Fact(Timeout = 60_000)]
    public async Task Commits_OfManyTransactionsInTransactionMode_AreNoticedWithoutAFailure()
    {
        await using var pooler = await PgBouncer.StartAsync(await server.CreateDatabaseAsync(), "transaction");
        await using var node = await LogNode.StartAsync(pooler.ConnectionString);
        await node.Sequencer.StartAsync(CancellationToken.None);

        for (var round = 1; round <= 20; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(channel => node.PublishAsync(Message($"c{channel}", $"{round}")))).OrFail();
            await Soon.Until(() => node.ReadAsync("c7").Result.Newest == round);
        }

        await Soon.Until(() => node.Transactions.Ids().Length == 0);
        node.Logs.Of(Unreachable).Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task Health_InTransactionMode_IsDegradedAndMessagesComeByPolls()
    {
        var database = await server.CreateDatabaseAsync();
        await using var pooler = await PgBouncer.StartAsync(database, "transaction");
        await using var app = await StartAsync(pooler.ConnectionString);
        using var client = new HttpClient { BaseAddress = new(app.Urls.First()) };
        await using var stream = await client.OpenEventStreamAsync("/orders/7", new() { Timeout = Soon.Limit });
        await Soon.Until(() => stream.Body.Contains("id: ", StringComparison.Ordinal), "the subscriber has joined");
        await using var other = await LogNode.StartAsync(database);

        await other.AppendAsync(Message("orders/7", "data: a\n\n"));

        (await stream.NextAsync()).Data.Should().Be("a");
        await Soon.Until(() => CheckAsync(app).Result.Status == HealthStatus.Degraded, "the health check is degraded");
        (await CheckAsync(app)).Description.Should().Contain("pooler in transaction mode");
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_InTransactionMode_WarnsOnce()
    {
        await using var pooler = await PgBouncer.StartAsync(await server.CreateDatabaseAsync(), "transaction");
        await using var node = await LogNode.StartAsync(pooler.ConnectionString, new() { PollInterval = TimeSpan.FromMilliseconds(100) });

        await using var hints = node.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        for (var poll = 0; poll < 10; poll++) (await hints.MoveNextAsync().AsTask().OrFail()).Should().BeTrue();

        node.Logs.Of(DoNotArrive).Should().ContainSingle();
        node.Database.Fault.Should().Contain("up to 0.1 s late");
    }

    [Fact(Timeout = 60_000)]
    public async Task Follow_InSessionMode_ReceivesAndReportsNothing()
    {
        await using var pooler = await PgBouncer.StartAsync(await server.CreateDatabaseAsync(), "session");
        await using var node = await LogNode.StartAsync(pooler.ConnectionString, time: new FakeTime());
        await using var hints = node.Log.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        (await hints.MoveNextAsync().AsTask().OrFail()).Should().BeTrue();

        await node.AppendAsync(Message("news", "a"));

        (await hints.MoveNextAsync().AsTask().OrFail()).Should().BeTrue();
        hints.Current.Should().Be(new EventStreamLogHint("news", 1));
        node.Database.Fault.Should().BeNull();
        node.Logs.Of(DoNotArrive).Should().BeEmpty();
    }

    private static async Task<HealthReportEntry> CheckAsync(WebApplication app) =>
        (await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["eventstreams"];

    private static async Task<WebApplication> StartAsync(string database)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddHealthChecks().AddEventStreams();
        builder.Services.AddEventStreams()
            .AddChannel("orders/{id}", c => c.CreateOnSubscribe = true)
            .AddPostgreSql(database);
        var app = builder.Build();
        app.MapEventStream("/orders/{id}", "orders/{id}");
        await app.StartAsync();
        return app;
    }
}
