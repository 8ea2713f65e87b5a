// One node of several that share the database --Database.
// It publishes each number that is posted, with the number as its key or without a key. It answers 503 if the number was certainly not
// published. It ends each stream after --Lifetime seconds, so that subscribers change nodes. When it stops, it drains for --DrainTimeout
// seconds, and is not ready from then on. With --Storm true it also has the streams of RevocationStorm. It has the runs of RunStorm.
using EventStream.PostgreSql;
using Npgsql;

var builder = WebApplication.CreateSlimBuilder(args);
var drainTimeout = TimeSpan.FromSeconds(builder.Configuration.GetValue("DrainTimeout", 0.0));
builder.Logging.SetMinimumLevel(LogLevel.Error).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
var streams = builder.Services
    .AddEventStreams(options =>
    {
        options.Retry = options.DrainRetry = TimeSpan.FromMilliseconds(50);
        options.DrainTimeout = drainTimeout;
        options.MaxLifetime = TimeSpan.FromSeconds(builder.Configuration.GetValue("Lifetime", 2.0));
    })
    .AddChannel("numbers", channel => (channel.Capacity, channel.Start) = (256, EventStreamStart.Oldest))
    .AddChannel("durable")
    .AddChannel("runs/{id}", channel => channel.Capacity = 256)
    .AddChannel("here", channel => channel.InMemory = true)
    .AddPostgreSql(builder.Configuration["Database"]!, log => log.DisconnectTimeout = TimeSpan.FromSeconds(2));
builder.Services.AddHealthChecks().AddEventStreamsReadiness();
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = drainTimeout + TimeSpan.FromSeconds(30));
if (builder.Configuration.GetValue<bool>("Storm")) streams.AddStorm(builder.Configuration["Database"]!);
var app = builder.Build();
if (builder.Configuration.GetValue<bool>("Storm")) app.MapStorm();
app.MapRuns();
app.MapHealthChecks("/ready");
app.MapGet("/ordinary", () => "served");
app.MapEventStream("/numbers", "numbers");
app.MapPost("/numbers/{number}", async (long number, bool isKeyed, EventStreamHub hub) =>
{
    var metadata = isKeyed ? new EventStreamMetadata { IdempotencyKey = $"{number}" } : null;
    try
    {
        return Results.Text($"{await hub.PublishAsync("numbers", new EventStreamMessage { Data = $"{number}" }, metadata)}");
    }
    catch (EventStreamLogException exception) when (!exception.IsOutcomeUnknown)
    {
        return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
    }
});

// An order is its message: it is placed exactly if that is published.
app.MapPost("/orders/{order}", async (string order, EventStreamHub hub) =>
{
    await using var source = NpgsqlDataSource.Create(builder.Configuration["Database"]!);
    await using var connection = await source.OpenConnectionAsync();
    await using var transaction = await connection.BeginTransactionAsync();
    await hub.PublishAsync("durable", order, transaction);
    await transaction.CommitAsync();
});

// Streams of users. The request names its user, and anyone may disconnect any user.
app.MapEventStream("/of/{user}/{channel}", context => new EventStreamSubscription((string)context.GetRouteValue("channel")!)
{
    User = (string)context.GetRouteValue("user")!,
});
app.MapPost("/say/{channel}/{text}", async (string channel, string text, EventStreamHub hub) => { await hub.PublishAsync(channel, text); });
app.MapPost("/disconnect/{user}", async (string user, EventStreamHub hub) => (await hub.DisconnectAsync(user)).UnconfirmedNodes);
app.Run();
