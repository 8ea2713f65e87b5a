// Publishes numbers in order on a channel, from --first on, at a rate, until it is killed.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
builder.Services.AddEventStreams(options => options.Retry = TimeSpan.FromMilliseconds(200))
    .AddChannel("numbers", channel => channel.Capacity = 100_000);
var app = builder.Build();
app.MapEventStream("/numbers", "numbers");

var number = app.Configuration.GetValue<long>("First");
var hub = app.Services.GetRequiredService<EventStreamHub>();
app.Lifetime.ApplicationStarted.Register(() => _ = Task.Run(async () =>
{
    using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
    while (await timer.WaitForNextTickAsync()) await hub.PublishAsync("numbers", $"{number++}");
}));
app.Run();
