// Serves what a load client asks for, to be measured beside peers that serve the same:
//   GET /ours?n=&size=        one stream of n messages with ids, size bytes of text each, then the end
//   GET /ours-ready?n=&size=  the same, and messages that are ready at once leave in one flush
//   GET /ours-json?n=         a small record with an id, as JSON
//   GET /ours-fan             headers and keep-alives, no messages
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
var app = builder.Build();

app.MapGet("/ours", (int n, int size) => TypedResults.EventStream(Load.Messages(n, size)));
app.MapGet("/ours-ready", (int n, int size) => TypedResults.EventStream(Load.Messages(n, size), options => options.FlushWhenIdle = true));
app.MapGet("/ours-json", (int n) => TypedResults.EventStream(Load.Quotes(n)));
app.MapGet("/ours-fan", () => TypedResults.EventStream(Load.Silence()));
app.Run();
