namespace EventStream.Documents.Tests.Servers;

/// <summary>The servers of pages that show a fragment, by the names in the comments before the blocks.</summary>
internal static class NamedServers
{
    public static WebApplication Build(string name, WebApplicationBuilder builder) => name switch
    {
        "prices" => Prices(builder),
        "answers" => Answers(builder),
        "gaps" => Gaps(builder),
        "live" => Live(builder),
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
        app.MapMethods("/answers/{id}", ["GET", "POST"], (string id, EventStreamHub hub) =>
            Results.EventStream(() => hub.Run($"answers/{id}", (_, _) => Words())));
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

    /// <summary>The first stream has a position of an earlier history, so the reconnect gets a gap. The state is newer then.</summary>
    private static WebApplication Gaps(WebApplicationBuilder builder)
    {
        builder.Services.AddEventStreams(streams => streams.Retry = TimeSpan.FromMilliseconds(100)).AddChannel("prices");
        var app = builder.Build();
        var opened = 0;
        app.MapGet("/prices/latest", () => new[] { new { symbol = "MSFT", price = opened == 0 ? 1.4 : 1.5 } });
        app.MapGet("/prices", (EventStreamHub hub) =>
            Interlocked.Increment(ref opened) == 1 ? Results.EventStream(Earlier()) : Results.EventStream(hub.GetChannel("prices")));
        return app;

        static async IAsyncEnumerable<EventStreamMessage> Earlier()
        {
            await Task.Yield();
            yield return new EventStreamMessage { Id = "earlier-1", Data = "0" };
        }
    }

    /// <summary>A channel that does not end, and to which the page publishes.</summary>
    private static WebApplication Live(WebApplicationBuilder builder)
    {
        builder.Services.AddEventStreams()
            .AddChannel("prices", channel => channel.Start = EventStreamStart.Oldest);
        var app = builder.Build();
        app.MapEventStream("/prices", "prices");
        app.MapPost("/prices", async (string text, IEventStreamPublisher streams) => await streams.PublishAsync("prices", text));
        return app;
    }
}
