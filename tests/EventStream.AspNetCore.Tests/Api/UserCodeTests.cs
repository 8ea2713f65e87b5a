namespace EventStream.AspNetCore.Tests.Api;

/// <summary>What users type, character by character: it compiles, without a warning.</summary>
public sealed class UserCodeTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("""app.MapGet("/clock", () => Results.EventStream(Ticks()));""")]
    [InlineData("""app.MapGet("/feed", () => Results.EventStream(lastEventId => Feed(lastEventId)));""")]
    [InlineData("""app.MapGet("/quotes", () => TypedResults.EventStream(Quotes()));""")]
    [InlineData("""app.MapGet("/items", () => Results.EventStream(SseItems()));""")]
    [InlineData("""app.MapGet("/more", () => Results.EventStream(lastEventId => SseItems(lastEventId)));""")]
    [InlineData("""app.MapGet("/old", () => Results.Extensions.EventStream(Ticks()));""")]
    [InlineData("""app.MapGet("/busy", () => TypedResults.EventStreamRetryLater(TimeSpan.FromSeconds(5)));""")]
    [InlineData(
        """app.MapGet("/some", (bool found) => found ? Results.NotFound() : Results.EventStream(Ticks())).WithEventStreamDefaults();""")]
    [InlineData("""app.MapGroup("/all").WithEventStreamDefaults().RequireAuthorization();""")]
    [InlineData("""app.MapPost("/run", (Job job, CancellationToken cancellationToken) => Results.EventStream(Progress(job)));""")]
    [InlineData("builder.Services.AddEventStreams(o => o.KeepAliveInterval = TimeSpan.FromSeconds(15));")]
    [InlineData("builder.Services.AddEventStreams();")]
    [InlineData(
        """
        builder.Services.AddEventStreams(o => o.KeepAliveInterval = TimeSpan.FromSeconds(15))
            .AddChannel("prices", c => c.Capacity = 4096);
        """)]
    [InlineData("""builder.Services.AddEventStreams().AddChannel("prices").AddChannel("orders/{id}", c => c.CreateOnSubscribe = true);""")]
    [InlineData("""app.MapEventStream("/prices", "prices").RequireAuthorization();""")]
    [InlineData("""app.MapPost("/prices", async (Quote q, EventStreamHub hub) => await hub.PublishAsync("prices", q));""")]
    [InlineData("""app.MapEventStream("/orders/{id}", "orders/{id}");""")]
    [InlineData(
        """
        app.MapEventStream("/mine", context =>
            new EventStreamSubscription("news", $"users/{context.User.Identity!.Name}") { Start = EventStreamStart.Last(5) });
        """)]
    [InlineData("""app.MapEventStream("/one", context => "news");""")]
    [InlineData("""app.MapGet("/channel", (EventStreamHub hub) => Results.EventStream(hub.GetChannel("prices")));""")]
    [InlineData(
        """
        app.MapGet("/channel", (EventStreamHub hub) =>
            TypedResults.EventStream(hub.GetChannel("prices"), new() { Filter = entry => entry.Event is null }));
        """)]
    [InlineData(
        """
        app.MapGet("/several", (string[] channel) =>
            TypedResults.EventStream(new EventStreamSubscription(channel) { RenameEvent = (channel, name) => channel }));
        """)]
    [InlineData(
        """app.MapGet("/room/{id}", async (string id) => { await Task.Yield(); return TypedResults.EventStream($"rooms/{id}"); });""")]
    [InlineData("""app.MapEventStream<Quote>("/prices", "prices", o => o.MaxLifetime = TimeSpan.FromHours(1)).RequireAuthorization();""")]
    [InlineData(
        """
        app.MapEventStream(
            "/mine", context => new("news"), (context, o) => o.LastEventIdQueryParameter = context.Request.Query["name"]);
        """)]
    [InlineData("""app.MapEventStream("/chosen", context => new(context.Request.Query["channel"]));""")]
    [InlineData("""app.MapGet("/channel", (EventStreamHub hub) => Results.Extensions.EventStream(hub.GetChannel("prices")));""")]
    [InlineData(
        """
        app.MapGet("/answers/{id}", (string id, EventStreamHub hub) =>
            Results.EventStream(hub.Run($"answers/{id}", (services, stop) => Progress(new(id)))));
        """)]
    [InlineData(
        """
        app.MapGet("/answers/{id}", (string id, EventStreamHub hub) =>
            Results.EventStream(() => hub.Run($"answers/{id}", (services, stop) => Progress(new(id)))));
        """)]
    [InlineData(
        """
        app.MapGet("/answers/{id}", (string id, EventStreamHub hub) =>
            TypedResults.EventStream(() => hub.Run($"answers/{id}", (services, stop) => Quotes())));
        """)]
    [InlineData(
        """
        app.MapGet("/quotes/{id}", (string id, EventStreamHub hub) =>
            Results.EventStream(hub.Run($"quotes/{id}", (services, stop) => Quotes())));
        """)]
    [InlineData(
        """
        app.MapPost("/say", async (EventStreamHub hub) =>
            await hub.PublishAsync("prices", new EventStreamMessage { Data = "text" }, new() { Key = "MSFT", User = "ann" }));
        """)]
    [InlineData("""app.MapPost("/say", async (EventStreamHub hub) => await hub.PublishAsync("prices", "text"));""")]
    [InlineData("""app.MapPost("/prices", async (Quote q, IEventStreamPublisher streams) => await streams.PublishAsync("prices", q));""")]
    [InlineData(
        """
        app.MapPost("/prices", async (Quote q, IEventStreamPublisher streams) =>
            await streams.PublishAsync("prices", q, eventName: "quote"));
        """)]
    [InlineData(
        """
        app.MapPost("/prices", async (Quote[] all, IEventStreamPublisher streams) =>
            await streams.PublishBatchAsync("prices", all));
        """)]
    public void Statement_FromTheDocs_Compiles(string code) => Snippet.Statement(code).Complaints.Should().BeEmpty();

    [Theory(Timeout = 30_000)]
    [InlineData(
        """
        new EventStreamMessage { Id = "42", Event = "price",
            Data = "text or UTF-8 bytes", Retry = TimeSpan.FromSeconds(3), Comment = "hi" }
        """)]
    [InlineData("""EventStreamMessage.Json(new Quote("MSFT", 123.45m))""")]
    [InlineData("""EventStreamMessage.Json(new Quote("MSFT", 123.45m)) with { Id = "42" }""")]
    [InlineData("""EventStreamMessage.Json(new Quote("MSFT", 123.45m), QuoteJson.Default.Quote)""")]
    [InlineData("new EventStreamMessage { Data = \"bytes\"u8.ToArray() }")]
    [InlineData("new EventStreamMessage { Data = new ReadOnlyMemory<byte>([1]) }")]
    [InlineData("new EventStreamMessage { Data = found ? \"text\" : null }")]
    [InlineData("new EventStreamMessage { Data = $\"{found}\" }")]
    [InlineData("new EventStreamMessage { Data = default }")]
    public void Message_EachWayToMakeOne_Compiles(string code)
    {
        var snippet = Snippet.Expression(code);

        snippet.Complaints.Should().BeEmpty();
        snippet.Type.Should().Be("EventStreamMessage");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("public EventStreamResult Run(Job job) => new(Progress(job));")]
    [InlineData("[HttpPost] public EventStreamResult Run(Job job) => new(Progress(job));")]
    [InlineData("[HttpGet] public EventStreamResult Run() => new(lastEventId => Feed(lastEventId));")]
    [InlineData("[HttpGet] public EventStreamResult<Quote> Run() => new(Quotes());")]
    [InlineData("[HttpGet] public EventStreamResult Run(EventStreamHub hub) => new(hub.GetChannel(\"prices\"));")]
    [InlineData("[HttpGet] public EventStreamResult<Quote> Run() => new(lastEventId => SseItems(lastEventId));")]
    public void Action_OfAController_Compiles(string code) => Snippet.Member(code).Complaints.Should().BeEmpty();

    [Theory(Timeout = 30_000)]
    [InlineData("(bool found) => found ? Results.NotFound() : Results.EventStream(Ticks())", "Func<bool, IResult>")]
    [InlineData(
        "Results<EventStreamResult, NotFound> (bool found) => found ? TypedResults.EventStream(Ticks()) : TypedResults.NotFound()",
        "Func<bool, Results<EventStreamResult, NotFound>>")]
    [InlineData(
        "Results<EventStreamResult<Quote>, NotFound> (bool found) => found ? TypedResults.EventStream(SseItems()) : "
        + "TypedResults.NotFound()",
        "Func<bool, Results<EventStreamResult<Quote>, NotFound>>")]
    [InlineData(
        "Results<EventStreamResult, EventStreamRetryLaterResult> (bool found) => found ? TypedResults.EventStream(Ticks()) : "
        + "TypedResults.EventStreamRetryLater(TimeSpan.FromSeconds(5))",
        "Func<bool, Results<EventStreamResult, EventStreamRetryLaterResult>>")]
    public void Handler_StreamOrSomethingElse_Compiles(string code, string type)
    {
        var snippet = Snippet.Expression(code);

        snippet.Complaints.Should().BeEmpty();
        snippet.DelegateType.Should().Be(type);
    }
}
