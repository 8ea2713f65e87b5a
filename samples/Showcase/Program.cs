using Showcase;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddEventStreams(builder.Configuration.GetSection("EventStreams").Bind);
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
