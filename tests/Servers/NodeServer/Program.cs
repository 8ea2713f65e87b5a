// One node of several that share the database --Database: publishes what is posted, each number once, and sends its subscribers elsewhere after a second.
using EventStream.PostgreSql;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Error).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
builder.Services
    .AddEventStreams(options =>
    {
        options.Retry = TimeSpan.FromMilliseconds(50);
        options.MaxLifetime = TimeSpan.FromSeconds(builder.Configuration.GetValue("Lifetime", 2.0));
    })
    .AddChannel("numbers", channel => (channel.Capacity, channel.Start) = (256, EventStreamStart.Oldest))
    .AddPostgreSql(builder.Configuration["Database"]!);
var app = builder.Build();
app.MapEventStream("/numbers", "numbers");
app.MapPost("/numbers/{number}", async (long number, EventStreamHub hub) =>
    (await hub.PublishAsync("numbers", new EventStreamMessage { Data = $"{number}" }, new EventStreamMetadata { IdempotencyKey = $"{number}" })).ToString());
app.Run();
