using System.Collections.Concurrent;

namespace EventStream.AI.Tests.Infrastructure;

/// <summary>An app on a port of its own, with an endpoint for each protocol, and a fake model behind them.</summary>
/// <remarks>The last message of a request says how the model answers; see <see cref="FakeModel"/>.</remarks>
internal sealed class AnswerApp : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _stops = new();
    private readonly WebApplication _app;

    private AnswerApp(IEventStreamLog? log)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(Logs);
        var channels = builder.Services.AddEventStreams()
            .AddChannel("chats/{id}").AddChannel("completions/{id}").AddChannel("runs/{id}");
        if (log is not null) channels.AddLog(_ => log);
        builder.Services.AddSingleton<IChatClient>(Model);
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");

        _app.MapPost("/plain/ui", (UIRequest request) => Results.UIMessageStream(Answer(request.Text).ToUIMessageStream()));
        _app.MapPost("/api/chat", (UIRequest request, EventStreamHub hub) => Results.UIMessageStream(
            () => hub.Run(
                $"chats/{request.Id}",
                (_, stop) => Answer(request.Text).ToUIMessageStream(StopOf(request.Id, stop)),
                new() { Restart = true })));
        _app.MapGet("/api/chat/{id}/stream", (string id) => Results.ResumeUIMessageStream($"chats/{id}"));
        _app.MapDelete("/api/chat/{id}", (string id) => StopRun(id));

        _app.MapPost("/v1/chat/completions", (CompletionRequest request) => Results.ChatCompletionStream(
            Answer(request.Text).ToChatCompletionStream(new() { IncludeUsage = request.StreamOptions is { IncludeUsage: true } })));
        _app.MapPost("/run/v1/chat/completions", (CompletionRequest request, EventStreamHub hub) => Results.ChatCompletionStream(
            () => hub.Run("completions/1", (_, stop) => Answer(request.Text).ToChatCompletionStream(stop))));

        _app.MapGet("/run/v1/chat/completions", () => Results.ResumeUIMessageStream("completions/1"));

        _app.MapPost("/agui", (AGUIRequest request) => Results.AGUIStream(
            Answer(request.Text).ToAGUIStream(new() { ThreadId = request.ThreadId, RunId = request.RunId })));
        _app.MapPost("/run/agui", (AGUIRequest request, EventStreamHub hub) => Results.AGUIStream(() => hub.Run(
            $"runs/{request.RunId}",
            (_, stop) => Answer(request.Text).ToAGUIStream(
                new() { ThreadId = request.ThreadId, RunId = request.RunId }, StopOf(request.RunId, stop)))));
    }

    public FakeModel Model { get; } = new();

    public LogRecorder Logs { get; } = new();

    public string Address => _app.Urls.Single();

    public EventStreamHub Hub => _app.Services.GetRequiredService<EventStreamHub>();

    /// <summary>Starts the app, as a node of a log if there is one.</summary>
    public static async Task<AnswerApp> StartAsync(IEventStreamLog? log = null)
    {
        AnswerApp app = new(log);
        await app._app.StartAsync();
        return app;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>How many streams the answers of a chat have.</summary>
    public int ReadersOf(string chat) => Hub.TryGetChannel($"chats/{chat}", out var channel) ? channel.SubscriberCount : 0;

    /// <summary>Stops the run of a chat, as its user does.</summary>
    public void StopRun(string id) => _stops[id].Cancel();

    // Without a token: that of the sequence reaches the model.
    private IAsyncEnumerable<ChatResponseUpdate> Answer(string text) =>
        Model.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, text)]);

    private CancellationToken StopOf(string id, CancellationToken hostStops) =>
        _stops.GetOrAdd(id, _ => CancellationTokenSource.CreateLinkedTokenSource(hostStops)).Token;
}
