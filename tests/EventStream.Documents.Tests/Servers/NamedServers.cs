namespace EventStream.Documents.Tests.Servers;

/// <summary>The servers of pages that show a fragment, by the names in the comments before the blocks.</summary>
internal static class NamedServers
{
    public static WebApplication Build(string name, WebApplicationBuilder builder) => name switch
    {
        "prices" => Prices(builder),
        "answers" => Answers(builder),
        _ => throw new ArgumentException($"No server is named '{name}'.", nameof(name)),
    };

    /// <summary>Two prices and an order, which any subscriber gets, and then the end of the prices.</summary>
    private static WebApplication Prices(WebApplicationBuilder builder)
    {
        builder.Services.AddEventStreams()
            .AddChannel("prices", channel => channel.Start = EventStreamStart.Oldest)
            .AddChannel("orders", channel => channel.Start = EventStreamStart.Oldest);
        var app = builder.Build();
        app.MapEventStream("/prices", "prices");
        app.MapEventStream("/board", _ => new EventStreamSubscription("prices", "orders")
        {
            RenameEvent = (channel, name) => name is null ? channel : $"{channel}/{name}",
        });
        app.Lifetime.ApplicationStarted.Register(() => _ = PublishAsync(app.Services.GetRequiredService<EventStreamHub>()));
        return app;

        static async Task PublishAsync(EventStreamHub hub)
        {
            await hub.PublishAsync("orders", "order 7", eventName: "shipped");
            await hub.PublishAsync("prices", new { symbol = "MSFT", price = 1.5 });
            await hub.PublishAsync("prices", new { symbol = "OAK", price = 2 }, eventName: "price");
            await hub.GetChannel("prices").CompleteAsync();
        }
    }

    /// <summary>An answer of three words by a run.</summary>
    private static WebApplication Answers(WebApplicationBuilder builder)
    {
        builder.Services.AddEventStreams().AddChannel("answers/{id}");
        var app = builder.Build();
        app.MapGet(
            "/answers/{id}",
            (string id, EventStreamHub hub) => Results.EventStream(() => hub.Run($"answers/{id}", (_, _) => Words())));
        return app;

        static async IAsyncEnumerable<string> Words()
        {
            foreach (var word in (string[])["Rayleigh ", "scattering", "."])
            {
                await Task.Yield();
                yield return word;
            }
        }
    }
}
