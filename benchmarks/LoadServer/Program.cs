// Serves a load client, to be compared with servers of other libraries that have the same endpoints.
//   GET /ours?n=&size=        one stream of n messages with ids, size bytes of text each, then the end
//   GET /ours-ready?n=&size=  the same, and messages that are ready together leave in one flush
//   GET /ours-json?n=         a small record with an id, as JSON
//   GET /ours-fan             subscribes to a channel; ?lastEventId= resumes
//   POST /ours-pub?n=&size=&rate=  publishes n messages of size bytes to it, rate a second; 0 is as fast as possible
//   GET /other-fan, POST /other-pub  the same for another channel
//   GET /ordinary             a short answer, as of any other endpoint
//   GET /bare                 a stream without this library: sends its headers, and waits until the client leaves
//   GET /memory               bytes that live objects take, after a collection
// --EventStreams:Limits:MaxOpensPerSecond=200 and the like limit the streams.
// --Capacity is the number of messages that a channel retains.
// --Direct 1 calls UseDirectOutput, --IoUring 1 calls UseIoUring.
// --Authenticate 1 lets the app authenticate each request; --Trust 1 also turns on all that Trust.cs has.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
var trusts = builder.Configuration.GetValue("Trust", 0) == 1;
var authenticates = trusts || builder.Configuration.GetValue("Authenticate", 0) == 1;
var streams = builder.Services
    .AddEventStreams(builder.Configuration.GetSection("EventStreams"), options => options.LastEventIdQueryParameter = "lastEventId")
    .AddChannel("load", channel => channel.Capacity = builder.Configuration.GetValue("Capacity", 4096))
    .AddChannel("other");
if (authenticates) Trust.Authenticate(builder);
if (trusts) Trust.TurnOn(builder, streams);
else Trust.TurnOff(builder);
if (builder.Configuration.GetValue("Direct", 0) == 1) builder.WebHost.UseDirectOutput();
if (builder.Configuration.GetValue("IoUring", 0) == 1) builder.WebHost.UseIoUring();
var app = builder.Build();
if (authenticates) app.UseAuthentication().UseAuthorization();

app.MapGet("/ordinary", () => "an ordinary answer");
app.MapGet("/bare", Load.WaitAsync);
app.MapGet("/ours", (int n, int size) => TypedResults.EventStream(Load.Messages(n, size)));
app.MapGet("/ours-ready", (int n, int size) => TypedResults.EventStream(Load.Messages(n, size), options => options.FlushWhenIdle = true));
app.MapGet("/ours-json", (int n) => TypedResults.EventStream(Load.Quotes(n)));
app.MapGet("/memory", () => GC.GetTotalMemory(forceFullCollection: true));
foreach (var (route, channel) in new[] { ("ours", "load"), ("other", "other") })
{
    app.MapEventStream($"/{route}-fan", channel);
    app.MapPost(
        $"/{route}-pub", (EventStreamHub hub, int n, int size, int rate) => Load.PublishAsync(hub.GetChannel(channel), n, size, rate));
}

app.Run();
