using System.Net.ServerSentEvents;
using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EventStream.PostgreSql.Tests.Hosting;

public sealed class AppTests(SharedServer server)
{
    [Fact(Timeout = 60_000)]
    public async Task Publish_MessagesAndValuesInATransaction_AreInTheLogAfterTheCommit()
    {
        var database = await server.CreateDatabaseAsync();
        await using var app = await StartAsync(
            streams => streams.AddPostgreSql(database, o => o.PollInterval = TimeSpan.FromMilliseconds(100)));
        await using var node = await LogNode.StartAsync(database);
        var hub = app.Services.GetRequiredService<EventStreamHub>();
        await using (var connection = await node.OpenAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await hub.PublishAsync("orders/7", new EventStreamMessage { Event = "placed", Data = "a" }, transaction, new() { Key = "k" });
            await hub.PublishAsync("orders/7", new[] { 1, 2 }, transaction);
            await hub.PublishAsync("orders/7", "text", transaction);
            await transaction.CommitAsync();
        }

        EventStreamLogPage page;
        do page = await node.ReadAsync("orders/7");
        while (page.Newest < 3);

        page.Texts().Should().Equal("event: placed\ndata: a\n\n", "data: [1,2]\n\n", "data: text\n\n");
        page.Records[0].Metadata.Should().Be(new EventStreamMetadata { Key = "k" });
    }

    [Fact(Timeout = 60_000)]
    public async Task Publish_MessagesOfAnyTypeInATransaction_AreMessagesTogether()
    {
        var database = await server.CreateDatabaseAsync();
        var interval = TimeSpan.FromMilliseconds(100);
        await using var app = await StartAsync(streams => streams.AddPostgreSql(database, o => o.PollInterval = interval));
        await using var node = await LogNode.StartAsync(database);
        var hub = app.Services.GetRequiredService<EventStreamHub>();
        EventStreamMessage[] messages = [new() { Event = "placed", Data = "a" }, new() { Data = "b" }];
        var key = new EventStreamMetadata { IdempotencyKey = "k" };
        await using (var connection = await node.OpenAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await hub.PublishBatchAsync("orders/7", messages, transaction, key);
            await hub.PublishBatchAsync("orders/7", messages.Select(message => message), transaction, key);
            await hub.PublishAsync<object>("orders/7", messages.ToList(), transaction);
            await hub.PublishAsync<object>("orders/7", messages[1], transaction, key);
            await hub.PublishBatchAsync("orders/7", [], transaction);
            await transaction.CommitAsync();
        }

        EventStreamLogPage page;
        do page = await node.ReadAsync("orders/7");
        while (page.Newest < 5);

        var (placed, plain) = ("event: placed\ndata: a\n\n", "data: b\n\n");
        page.Texts().Should().Equal(placed, plain, placed, plain, plain);
        page.Records[0].Event.Should().Be("placed");
    }

    [Fact(Timeout = 60_000)]
    public async Task Publish_FramesThatAreNoMessagesInATransaction_IsRefusedAndTheTransactionContinues()
    {
        var database = await server.CreateDatabaseAsync();
        await using var app = await StartAsync(streams => streams.AddPostgreSql(database));
        var hub = app.Services.GetRequiredService<EventStreamHub>();
        await using var node = await LogNode.StartAsync(database);
        await using var connection = await node.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        Func<Task>[] publishing =
        [
            () => hub.PublishAsync("orders/7", new SseItem<string>("a"), transaction).AsTask(),
            () => hub.PublishAsync("orders/7", new[] { new SseItem<string>("a") }, transaction).AsTask(),
            () => hub.PublishAsync("orders/7", Task.FromResult(new EventStreamMessage { Data = "a" }), transaction).AsTask(),
            () => hub.PublishAsync<EventStreamMessage?>("orders/7", null, transaction).AsTask(),
        ];

        foreach (var publish in publishing) await publish.Should().ThrowAsync<InvalidOperationException>();

        await transaction.CommitAsync();
        (await node.ScalarAsync("SELECT count(*) FROM eventstream.outbox")).Should().Be(0L);
        (await node.ReadAsync("orders/7")).Newest.Should().Be(0);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("error")]
    [InlineData("stream-end")]
    public async Task Publish_ReservedEventInATransaction_IsRefusedUnlessTheChannelAllowsItAndTheTransactionContinues(string name)
    {
        var database = await server.CreateDatabaseAsync();
        await using var app = await StartAsync(streams => streams
            .AddPostgreSql(database)
            .AddChannel("relays/{id}", c => c.Protocol = new() { AllowedEvents = [name] }));
        var hub = app.Services.GetRequiredService<EventStreamHub>();
        await using var node = await LogNode.StartAsync(database);
        await using var connection = await node.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var message = new EventStreamMessage { Event = name, Data = "a" };
        Func<Task>[] publishing =
        [
            () => hub.PublishAsync("orders/7", message, transaction).AsTask(),
            () => hub.PublishBatchAsync("orders/7", [message], transaction).AsTask(),
            () => hub.PublishAsync<object>("orders/7", message, transaction).AsTask(),
        ];

        foreach (var publish in publishing) await publish.Should().ThrowAsync<ArgumentException>().WithMessage($"*'{name}'*AllowedEvents*");
        await hub.PublishAsync("relays/7", message, transaction);

        await transaction.CommitAsync();
        EventStreamLogPage page;
        do page = await node.ReadAsync("relays/7");
        while (page.Newest < 1);
        (await node.ReadAsync("orders/7")).Newest.Should().Be(0);
        page.Texts().Should().Equal($"event: {name}\ndata: a\n\n");
    }

    [Fact(Timeout = 60_000)]
    public async Task Publish_InATransactionToAChannelInMemory_IsRefused()
    {
        var database = await server.CreateDatabaseAsync();
        await using var app = await StartAsync(streams => streams.AddPostgreSql(database).AddChannel("local", c => c.InMemory = true));
        await using var source = NpgsqlDataSource.Create(database);
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();

        var publish = () => app.Services.GetRequiredService<EventStreamHub>().PublishAsync("local", "a", transaction).AsTask();

        await publish.Should().ThrowAsync<InvalidOperationException>().WithMessage("*'local'*InMemory*");
    }

    [Fact(Timeout = 60_000)]
    public async Task Publish_InATransactionOfAnAppWithoutTheLog_NamesWhatToCall()
    {
        await using var app = await StartAsync(_ => { });
        await using var source = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();

        var publish = () => app.Services.GetRequiredService<EventStreamHub>().PublishAsync("orders/7", "a", transaction).AsTask();

        await publish.Should().ThrowAsync<InvalidOperationException>().WithMessage("*AddPostgreSql*");
    }

    [Fact(Timeout = 60_000)]
    public async Task Publish_InATransactionOfAnotherKindOfDatabase_NamesWhichIsNeeded()
    {
        var database = await server.CreateDatabaseAsync();
        await using var app = await StartAsync(streams => streams.AddPostgreSql(database));
        var streams = app.Services.GetRequiredService<IEventStreamPublisher>();

        var publish = () => streams.PublishAsync("orders/7", "a", new LoneTransaction()).AsTask();

        await publish.Should().ThrowAsync<ArgumentException>().WithMessage("*LoneTransaction*NpgsqlTransaction*")
            .WithParameterName("transaction");
    }

    [Fact(Timeout = 60_000)]
    public async Task AddPostgreSql_ADataSource_IsUsedAndNotDisposedOf()
    {
        await using var source = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await using (var app = await StartAsync(streams => streams.AddPostgreSql(source)))
        {
            (await app.Services.GetRequiredService<IEventStreamLog>().AppendAsync([Records.Message("news", "a")], CancellationToken.None))
                .Should().ContainSingle();
        }

        (await CountAsync(source, "news")).Should().Be(1);
    }

    [Fact(Timeout = 60_000)]
    public async Task AddPostgreSql_OfTheAppsDataSource_IsUsedAndNotDisposedOf()
    {
        await using var source = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await using (var app = await StartAsync(streams => streams.AddPostgreSql().Services.AddSingleton(source)))
        {
            await app.Services.GetRequiredService<EventStreamHub>().PublishAsync("orders/7", "a");
        }

        (await CountAsync(source, "orders/7")).Should().Be(1);
    }

    [Fact(Timeout = 60_000)]
    public async Task AddPostgreSql_OfTheAppsKeyedDataSource_UsesThatOne()
    {
        await using var source = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await using var app = await StartAsync(streams =>
        {
            streams.Services.AddSingleton(NpgsqlDataSource.Create("Host=127.0.0.1;Port=1")).AddKeyedSingleton("streams", source);
            streams.AddPostgreSql(serviceKey: "streams");
        });

        await app.Services.GetRequiredService<EventStreamHub>().PublishAsync("orders/7", "a");

        (await CountAsync(source, "orders/7")).Should().Be(1);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(null, "*NpgsqlDataSource of the app's services, and there is none. Add one: *connection string.")]
    [InlineData("streams", "*there is none with the key 'streams'. Add one: *")]
    public async Task AddPostgreSql_NoDataSourceInTheApp_ReportsAtTheStartWhatToAdd(string? key, string message)
    {
        var start = () => StartAsync(streams => streams.AddPostgreSql(serviceKey: key));

        (await start.Should().ThrowAsync<InvalidOperationException>()).WithMessage(message);
    }

    [Fact(Timeout = 60_000)]
    public async Task AddPostgreSql_WithASectionOfTheConfiguration_HasItsOptionsAndThoseOfCodeAfterThem()
    {
        var settings = """
            { "PostgreSql": { "Schema": "streams", "PollInterval": "00:00:01", "PublishWait": "00:00:05",
              "Retention": { "MaxAge": null, "MaxCount": 7 }, "Retentions": { "orders/{id}": { "MaxBytes": 4096 } } } }
            """;
        await using var app = await StartAsync(
            Section(settings),
            streams => streams.AddPostgreSql(server.CreateDatabaseAsync().Result, o => o.PollInterval = TimeSpan.FromSeconds(3)));

        await app.Services.GetRequiredService<EventStreamHub>().PublishAsync("orders/7", "a");

        var options = app.Services.GetRequiredService<IOptions<PostgreSqlLogOptions>>().Value;
        (options.Schema, options.PollInterval, options.PublishWait)
            .Should().Be(("streams", TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(5)));
        options.Retention.Should().Be(new PostgreSqlRetention { MaxAge = null, MaxCount = 7 });
        options.Retentions.Should().ContainSingle().Which
            .Should().Be(KeyValuePair.Create("orders/{id}", new PostgreSqlRetention { MaxBytes = 4096 }));
        app.Services.GetRequiredService<IOptions<EventStreamLogOptions>>().Value.Should().BeSameAs(options);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("""{ "PostgreSql": { "Shema": "x" } }""", "PostgreSql:Shema is no option. There are: PublishWait, *")]
    [InlineData(
        """{ "PostgreSql": { "Retentions": { "a": { "MaxCount": "x" } } } }""",
        "PostgreSql:Retentions:a:MaxCount: It takes a whole number, and is 'x'.")]
    [InlineData("""{ "PostgreSql": { "Retentions": "a" } }""", "PostgreSql:Retentions: It is 'a', and takes entries by their names.")]
    [InlineData("""{ "PostgreSql": { "PublishWait": "02:00:00" } }""", "*PostgreSqlLogOptions.PublishWait is 02:00:00, and must be from *")]
    [InlineData("""{ "Log": { "PublishWait": "00:00:01" } }""", "Log is no option. *, PostgreSql.*")]
    public async Task AddPostgreSql_WithAMistakeInTheSection_StopsTheStart(string settings, string message)
    {
        var start = () => StartAsync(Section(settings), streams => streams.AddPostgreSql("Host=a"));

        (await start.Should().ThrowAsync<OptionsValidationException>()).WithMessage(message);
    }

    [Fact(Timeout = 60_000)]
    public async Task Dispose_OfTheServicesWithoutAwaiting_ClosesTheConnections()
    {
        var services = new ServiceCollection();
        services.AddLogging().AddEventStreams().AddPostgreSql(await server.CreateDatabaseAsync());
        var provider = services.BuildServiceProvider();
        var log = provider.GetRequiredService<IEventStreamLog>();

        provider.Dispose();

        var append = () => log.AppendAsync([Records.Message("news", "a")], CancellationToken.None).AsTask();
        await append.Should().ThrowAsync<EventStreamLogException>().WithMessage("*closed*stopping*");
    }

    [Fact(Timeout = 60_000)]
    public async Task AddPostgreSql_Twice_IsRefused()
    {
        var add = () => new ServiceCollection().AddEventStreams().AddPostgreSql("Host=a").AddPostgreSql("Host=b");

        add.Should().Throw<InvalidOperationException>();
    }

    [Theory(Timeout = 60_000)]
    [InlineData("")]
    [InlineData("Hots=a")]
    [InlineData("Host=a;Port=x")]
    public async Task AddPostgreSql_NoConnectionString_IsRefused(string connectionString)
    {
        var add = () => new ServiceCollection().AddEventStreams().AddPostgreSql(connectionString);

        add.Should().Throw<ArgumentException>();
    }

    [Fact(Timeout = 60_000)]
    public async Task Start_OptionsOutOfRange_FailsWithAllOfThem()
    {
        var start = () => StartAsync(streams => streams.AddPostgreSql("Host=a", o =>
        {
            o.Schema = "pg_x";
            o.StartTimeout = TimeSpan.FromHours(2);
            o.PollInterval = TimeSpan.Zero;
            o.RetentionInterval = TimeSpan.Zero;
            o.Retention = new() { MaxAge = TimeSpan.Zero, MaxCount = 0, MaxBytes = 1 };
            o.Retentions["a{"] = new();
            o.Retentions["b"] = new() { MaxCount = -1 };
        }));

        (await start.Should().ThrowAsync<OptionsValidationException>()).Which.Failures.Should().HaveCount(9);
    }

    [Fact(Timeout = 60_000)]
    public async Task Loops_OfAStartedApp_DeleteWhatIsNotToBeKept()
    {
        var time = new FakeTime();
        var database = await server.CreateDatabaseAsync();
        await using var app = await StartAsync(streams =>
        {
            streams.Services.AddSingleton<TimeProvider>(time);
            streams.AddPostgreSql(database, o => o.Retention = new() { MaxCount = 1 });
        });
        await using var node = await LogNode.StartAsync(database);
        await node.AppendAsync(Records.Message("news", "a"), Records.Message("news", "b"));

        await Soon.Until(() =>
        {
            time.Advance(TimeSpan.FromSeconds(45));
            return (long)node.ScalarAsync(
                "SELECT count(*) FROM eventstream.message AS m JOIN eventstream.channel AS c ON c.id = m.channel WHERE c.name = 'news'")
                    .Result! == 1;
        });
    }

    [Fact(Timeout = 60_000)]
    public async Task Start_WhileAnotherSessionHoldsTheSchemasLock_FailsAfterTheTimeout()
    {
        var database = await server.CreateDatabaseAsync();
        await using var other = LogNode.Unprepared(database);
        await using var holding = await other.BeginAsync(
            "SELECT pg_advisory_xact_lock(hashtextextended('EventStream.PostgreSql/eventstream/schema', 0))");

        var start = () => StartAsync(streams => streams.AddPostgreSql(database, o => o.StartTimeout = TimeSpan.FromSeconds(1))).OrFail();

        await start.Should().ThrowAsync<EventStreamLogException>().WithMessage($"The app's start has waited*process {holding.Process}*");
    }

    [Fact(Timeout = 120_000)]
    public async Task Health_DuringAnOutage_IsDegradedAndThenHealthy()
    {
        await using var own = await PostgreSqlServer.CreateAsync();
        await using var app = await StartAsync(streams => streams.AddPostgreSql(own.ConnectionString));
        var log = app.Services.GetRequiredService<IEventStreamLog>();
        (await CheckAsync(app)).Status.Should().Be(HealthStatus.Healthy);

        await own.StopAsync();
        var append = () => log.AppendAsync([Records.Message("news", "a")], CancellationToken.None).AsTask();
        await append.Should().ThrowAsync<EventStreamLogException>();
        var degraded = await CheckAsync(app);
        degraded.Status.Should().Be(HealthStatus.Degraded);
        degraded.Description.Should().Contain("unavailable");

        await own.StartAsync();
        await append();
        await Soon.Until(() => CheckAsync(app).Result.Status == HealthStatus.Healthy);
    }

    [Fact(Timeout = 60_000)]
    public async Task Health_NoConnectionAnswers_IsDegraded()
    {
        await using var proxy = new SilencingProxy(await server.CreateDatabaseAsync());
        await using var app = await StartAsync(streams => streams.AddPostgreSql(proxy.ConnectionString + ";Command Timeout=60"));
        await Soon.Until(() => CheckAsync(app).Result.Status == HealthStatus.Healthy);

        proxy.Silence();

        // It takes a poll and 3 s. Without the check of pending work it would take the 60 s of a command's timeout.
        await Soon.Until(() => CheckAsync(app).Result.Status == HealthStatus.Degraded);
    }

    [Fact(Timeout = 60_000)]
    public async Task Stop_OfAnApp_LeavesNoConnection()
    {
        var database = await server.CreateDatabaseAsync();
        await using (var app = await StartAsync(streams => streams.AddPostgreSql(database)))
        {
            await app.Services.GetRequiredService<IEventStreamLog>().AppendAsync([Records.Message("news", "a")], CancellationToken.None);
            await app.StopAsync();
        }

        await using var outside = NpgsqlDataSource.Create(database);
        await using var others = outside.CreateCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'EventStream' AND datname = current_database()");
        await Soon.Until(() => (long)others.ExecuteScalar()! == 0);
    }

    private static async Task<HealthReportEntry> CheckAsync(WebApplication app)
    {
        var report = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        return report.Entries["eventstreams"];
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string channel)
    {
        await using var command = source.CreateCommand(
            "SELECT count(*) FROM eventstream.message WHERE channel = (SELECT id FROM eventstream.channel WHERE name = $1)");
        command.Parameters.Add(new() { Value = channel });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static IConfiguration Section(string settings) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(settings))).Build();

    private static Task<WebApplication> StartAsync(Action<EventStreamBuilder> configure) => StartAsync(Section("{}"), configure);

    private static async Task<WebApplication> StartAsync(IConfiguration settings, Action<EventStreamBuilder> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddHealthChecks().AddEventStreams();
        configure(builder.Services.AddEventStreams(settings).AddChannel("orders/{id}"));
        var app = builder.Build();
        try
        {
            await app.StartAsync();
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }
}
