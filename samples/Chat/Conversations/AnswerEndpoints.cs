using Chat.Model;

namespace Chat.Conversations;

/// <summary>What useChat asks for, and what it has no request for: stop, and the questions that a chat's other pages ask.</summary>
internal static class AnswerEndpoints
{
    public static void MapAnswers(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/chat", (Conversation chat, EventStreamHub hub) => Results.UIMessageStream(() => Run(hub, chat, restart: true)));

        app.MapGet("/api/chat/{id}/stream", async (string id, IConversationStore store, EventStreamHub hub) =>
            await store.FindAsync(id) is { TakeOver: true, Answer: null } chat
                ? Results.UIMessageStream(() => Run(hub, chat, restart: false))
                : Results.ResumeUIMessageStream($"chats/{id}/answer"));

        app.MapDelete("/api/chat/{id}/stream", async Task (string id, EventStreamHub hub) => await hub.StopRunAsync($"chats/{id}/answer"));

        app.MapEventStream("/api/chat/{id}/questions", "chats/{id}/questions");
    }

    private static EventStreamRunRequest Run(EventStreamHub hub, Conversation chat, bool restart) => hub.Run(
        $"chats/{chat.Id}/answer",
        run => run.Services.GetRequiredService<Answerer>().AnswerAsync(chat, run.Stop).ToUIMessageStream(OptionsOf(chat), run.Stop),
        new() { Restart = restart, TakeOver = chat.TakeOver });

    private static UIMessageStreamOptions OptionsOf(Conversation chat) => new()
    {
        MessageId = chat.AnswerId,
        ErrorText = error => error is ModelException ? error.Message : "The server has failed.",
    };
}
