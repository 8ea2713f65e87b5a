using EventStream.PostgreSql;
using Showcase;

var builder = WebApplication.CreateBuilder(args);
var streams = builder.Services.AddEventStreams(builder.Configuration.GetSection("EventStreams"));

// One setting, and the channels outlive this process.
if (builder.Configuration.GetConnectionString("Streams") is { } database) streams.AddPostgreSql(database);
builder.Services.AddSingleton<Pace>();
builder.Services.AddDemos();

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles(new StaticFileOptions
{
    // A page that was edited shows its edit at the next reload.
    OnPrepareResponse = file => file.Context.Response.Headers.CacheControl = "no-cache",
});
app.MapDemos();
app.MapSourceCode();
app.Run();
