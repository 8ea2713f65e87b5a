using EventStream.Client;
using EventStream.PostgreSql;

/// <summary>This library: channels on PostgreSQL, and on the other node a client of them over HTTP.</summary>
/// <remarks>
/// Its messages go further than those of the other way: into the node's memory, through a web server, and over a connection a channel.
/// </remarks>
internal sealed class Library(string connectionString, int channels) : Way(connectionString, channels)
{
    public const string Name = "EventStream";

    // One app for all publishers of a node.
    private WebApplication? _app;

    public override async Task CreateAsync()
    {
        // The schema is made by the first node that starts.
        await using var app = await StartAppAsync();
        await app.StopAsync();
    }

    public override async Task<Func<int, string, Task>> ConnectPublisherAsync()
    {
        var hub = (_app ??= await StartAppAsync()).Services.GetRequiredService<EventStreamHub>();
        return (number, text) => hub.PublishAsync($"load-{number}", text).AsTask();
    }

    public override async Task ReceiveAsync(Action listening, Action<string> received, CancellationToken cancellation)
    {
        await using var app = await StartAppAsync();
        using var client = new HttpClient { BaseAddress = new(app.Urls.First()) };
        var closed = Channels;
        var options = new EventStreamClientOptions
        {
            OnOpened = _ =>
            {
                if (Interlocked.Decrement(ref closed) == 0) listening();
            },
        };
        await Task.WhenAll(Enumerable.Range(0, Channels).Select(ReadAsync));

        async Task ReadAsync(int number)
        {
            await foreach (var message in client.ReadEventStreamAsync($"/{number}", options, cancellation)) received(message.Data);
        }
    }

    private Task<WebApplication> StartAppAsync() => StartAppAsync(ConnectionString);

    /// <summary>Starts a node that serves <c>/0</c>, <c>/1</c>…</summary>
    /// <param name="connectionString">Of the database.</param>
    /// <param name="capacity">How many messages of a channel it has in memory.</param>
    public static async Task<WebApplication> StartAppAsync(string connectionString, int capacity = 1024)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        // On its standard output a node answers the process that has started it.
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddEventStreams().AddPostgreSql(connectionString)
            .AddChannel("load-{number}", channel => (channel.CreateOnSubscribe, channel.Capacity) = (true, capacity));
        var app = builder.Build();
        app.MapEventStream("/{number}", context => $"load-{context.Request.RouteValues["number"]}");
        await app.StartAsync();
        return app;
    }
}
