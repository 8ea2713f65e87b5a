// One node of several that share the database --Database: publishes what is posted, with the number as its key or without one, answers 503 to what is surely not published, and sends its subscribers elsewhere after a second.
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
app.Run();
