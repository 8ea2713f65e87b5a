using Npgsql;

namespace EventStream.PostgreSql.Tests.Hosting;

/// <summary>The primary is lost, and a standby that repeated what it wrote is promoted.</summary>
public sealed class FailoverTests : IAsyncLifetime
{
    private const string Channel = "orders/7";
    private const int HistoryReplaced = 3;
    private const int HistoryContinues = 13;

    private readonly List<WebApplication> _apps = [];
    private PostgreSqlServer _primary = null!;
    private PostgreSqlServer _standby = null!;
    private string _database = null!;

    public async ValueTask InitializeAsync()
    {
        _primary = await PostgreSqlServer.CreateAsync();
        _database = await _primary.CreateDatabaseAsync();
        _standby = await _primary.CreateReplicaAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in _apps) await app.DisposeAsync();
        await _standby.DisposeAsync();
        await _primary.DisposeAsync();
    }

    [Fact(Timeout = 120_000)]
    public async Task Failover_OfAStandbyThatHadEverything_RepeatsNothingAndTellsNoGap()
    {
        var app = await StartAsync(OfBoth());
        var hub = app.Services.GetRequiredService<EventStreamHub>();
        await using var stream = await OpenAsync(app, lastEventId: null);
        await Soon.Until(() => stream.Body.Contains("id: ", StringComparison.Ordinal), "the subscriber has joined");
        for (var i = 1; i <= 5; i++) await hub.PublishAsync(Channel, $"{i}");
        var before = await stream.CollectAsync(5);

        await FailOverAsync();
        await Soon.Until(() => TryPublishAsync(hub, "6").Result, "the node publishes again");

        var next = await stream.NextAsync();
        next.Should().BeEquivalentTo(new { Event = "message", Data = "6" });
        next.LastEventId.Should().EndWith("-6").And.StartWith(before[4].LastEventId[..3]).And.NotStartWith(before[4].LastEventId[..9]);
    }

    [Fact(Timeout = 120_000)]
    public async Task Failover_OfAStandbyThatHadEverything_ResumesFromEachPosition()
    {
        var positions = await PublishAsync(5);
        await FailOverAsync();
        var app = await StartAsync(_standby.ConnectionStringOfSame(_database));

        foreach (var position in positions)
        {
            await using var stream = await OpenAsync(app, position.ToString());
            var rest = 5 - (int)position!.Value.Sequence;
            var expected = Records.Numbers(5).Skip(5 - rest).Select(number => $"{number}");
            (await stream.CollectAsync(rest)).Select(message => message.Data).Should().Equal(expected);
        }

        await using var beyond = await OpenAsync(app, positions[^1].At(6).ToString());
        (await beyond.NextAsync()).Data.Should().Contain("\"reason\":\"restarted\"");
    }

    [Fact(Timeout = 120_000)]
    public async Task Failover_OfAStandbyThatWasBehind_TellsTheGapOnlyOfWhatWasLost()
    {
        var kept = await PublishAsync(5);
        await _primary.ReplicateAsync(_standby);
        await _standby.CutOffAsync();
        var lost = (await PublishAsync(2))[^1];
        await _primary.StopAsync(immediate: true);
        await _standby.PromoteAsync();
        await using var node = await LogNode.StartAsync(_standby.ConnectionStringOfSame(_database));
        await node.AppendAsync([.. Enumerable.Range(1, 4).Select(i => Records.Message(Channel, $"data: new {i}\n\n"))]);
        var app = await StartAsync(_standby.ConnectionStringOfSame(_database));

        await using var resumed = await OpenAsync(app, kept[^1].ToString());
        (await resumed.NextAsync()).Data.Should().Be("new 1");
        await using var gone = await OpenAsync(app, lost.ToString());
        var gap = await gone.NextAsync();
        gap.Event.Should().Be("stream-gap");
        gap.Data.Should().Contain("\"reason\":\"restarted\"");

        node.Logs.Of(HistoryContinues).Should().ContainSingle();
        node.Logs.Of(HistoryReplaced).Should().BeEmpty();
    }

    [Fact(Timeout = 120_000)]
    public async Task Dump_ThatIsLoadedAfterAFailover_TellsTheGapAgain()
    {
        var position = (await PublishAsync(5))[2];
        await FailOverAsync();
        await using var node = await LogNode.StartAsync(_standby.ConnectionStringOfSame(_database));
        (await node.ReadAsync(Channel)).Continues.Should().Be(position.At(5));

        await node.RestoreAsync();

        (await node.ReadAsync(Channel)).Continues.Should().BeNull();
    }

    private async Task FailOverAsync()
    {
        await _primary.ReplicateAsync(_standby);
        await _primary.StopAsync(immediate: true);
        await _standby.PromoteAsync();
    }

    private async Task<IReadOnlyList<EventStreamPosition?>> PublishAsync(int count)
    {
        await using var node = await LogNode.StartAsync(_database);
        return await node.AppendAsync([.. Enumerable.Range(1, count).Select(i => Records.Message(Channel, $"data: {i}\n\n"))]);
    }

    private static async Task<bool> TryPublishAsync(EventStreamHub hub, string text)
    {
        try
        {
            await hub.PublishAsync(Channel, text, new EventStreamMetadata { IdempotencyKey = text });
            return true;
        }
        catch (EventStreamLogException)
        {
            return false;
        }
    }

    private string OfBoth()
    {
        var (one, other) = (new NpgsqlConnectionStringBuilder(_database), new NpgsqlConnectionStringBuilder(_standby.ConnectionString));
        return new NpgsqlConnectionStringBuilder(_database)
        {
            Host = $"{one.Host}:{one.Port},{other.Host}:{other.Port}",
            TargetSessionAttributes = "primary",
        }.ConnectionString;
    }

    private static async Task<TestEventSource> OpenAsync(WebApplication app, string? lastEventId)
    {
        var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        return await client.OpenEventStreamAsync(Channel, new() { LastEventId = lastEventId, Timeout = Soon.Limit, Reconnects = true });
    }

    private async Task<WebApplication> StartAsync(string database)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddEventStreams()
            .AddChannel("orders/{id}", c => c.CreateOnSubscribe = true)
            .AddPostgreSql(database, o => o.PollInterval = TimeSpan.FromMilliseconds(100));
        var app = builder.Build();
        app.MapEventStream("/orders/{id}", "orders/{id}");
        await app.StartAsync();
        _apps.Add(app);
        return app;
    }
}
