namespace EventStream.PostgreSql.Tests.Hosting;

/// <summary>Stops the app while the database does not answer: the stop does not wait, and logs what it abandons.</summary>
public sealed class StopTests(SharedServer server)
{
    [Fact(Timeout = 120_000)]
    public async Task Stop_ServerDoesNotAnswer_EndsAndLogsWhatIsAbandoned()
    {
        var database = await server.CreateDatabaseAsync();
        await using var proxy = new SilencingProxy(database);
        var lines = new LogLines();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(new LogLinesProvider(lines));
        builder.Services.AddEventStreams().AddChannel("orders/{id}").AddPostgreSql(
            proxy.ConnectionString + ";Command Timeout=60",
            o => (o.PollInterval, o.RetentionInterval) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)));
        var app = builder.Build();
        app.MapEventStream("/{number}", context => $"orders/{context.Request.RouteValues["number"]}");
        await app.StartAsync();
        var hub = app.Services.GetRequiredService<EventStreamHub>();
        using var client = new HttpClient { BaseAddress = new(app.Urls.First()) };
        await hub.PublishAsync("orders/7", "a");
        using var stream = await client.GetStreamAsync("/7");

        // The retention loop has requested its lock, so it waits for an answer when the app stops.
        await proxy.SilenceAtAsync("/retention");
        var publishing = hub.PublishAsync("orders/7", "c").AsTask();
        await Soon.Until(() => proxy.Waiting >= 2);

        // OrFail waits for less than a command's timeout and the host's, so a stop that waits for the database fails here.
        await app.StopAsync(CancellationToken.None).OrFail();
        await app.DisposeAsync().AsTask().OrFail();

        lines.Of(9).Should().Contain(line => line.Contains("the work Retention") && line.Contains("abandons"));
        lines.Of(23).Should().NotBeEmpty("each call that does not return is named").And.OnlyContain(line => line.Contains("abandon"));
        publishing.IsCompletedSuccessfully.Should().BeFalse();
    }

    private sealed class LogLinesProvider(LogLines lines) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => lines;

        public void Dispose()
        {
        }
    }
}
