// Serves a load client, to be compared with servers of other libraries that have the same endpoints.
//   GET /ours?n=&size=        one stream of n messages with ids, size bytes of text each, then the end
//   GET /ours-ready?n=&size=  the same, and messages that are ready together leave in one flush
//   GET /ours-json?n=         a small record with an id, as JSON
//   GET /ours-fan             subscribes to a channel; ?lastEventId= resumes
//   POST /ours-pub?n=&size=&rate=  publishes n messages of size bytes to it, rate a second; 0 is as fast as possible
//   GET /other-fan, POST /other-pub  the same for another channel
//   GET /ordinary             a short answer, as of any other endpoint
// --EventStreams:Limits:MaxOpensPerSecond=200 and the like limit the streams.
// --Capacity is the number of messages that a channel retains.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.Services.AddEventStreams(
        builder.Configuration.GetSection("EventStreams"), options => options.LastEventIdQueryParameter = "lastEventId")
    .AddChannel("load", channel => channel.Capacity = builder.Configuration.GetValue("Capacity", 4096))
    .AddChannel("other");
var app = builder.Build();

app.MapGet("/ordinary", () => "an ordinary answer");
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
