// Serves what a load client asks for, to be measured beside peers that serve the same:
//   GET /ours?n=&size=        one stream of n messages with ids, size bytes of text each, then the end
//   GET /ours-ready?n=&size=  the same, and messages that are ready at once leave in one flush
//   GET /ours-json?n=         a small record with an id, as JSON
//   GET /ours-fan             subscribes to a channel; ?lastEventId= resumes
//   POST /ours-pub?n=&size=&rate=  publishes n messages of size bytes to it, rate a second, 0 for as fast as it goes
//   GET /other-fan, POST /other-pub  the same of another channel
// --Capacity is how many messages a channel retains.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.Services.AddEventStreams(options => options.LastEventIdQueryParameter = "lastEventId")
    .AddChannel("load", channel => channel.Capacity = builder.Configuration.GetValue("Capacity", 4096))
    .AddChannel("other");
var app = builder.Build();

app.MapGet("/ours", (int n, int size) => TypedResults.EventStream(Load.Messages(n, size)));
app.MapGet("/ours-ready", (int n, int size) => TypedResults.EventStream(Load.Messages(n, size), options => options.FlushWhenIdle = true));
app.MapGet("/ours-json", (int n) => TypedResults.EventStream(Load.Quotes(n)));
foreach (var (route, channel) in new[] { ("ours", "load"), ("other", "other") })
{
    app.MapEventStream($"/{route}-fan", channel);
    app.MapPost(
        $"/{route}-pub", (EventStreamHub hub, int n, int size, int rate) => Load.PublishAsync(hub.GetChannel(channel), n, size, rate));
}

app.Run();
