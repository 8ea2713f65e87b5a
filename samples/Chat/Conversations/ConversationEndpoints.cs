using Chat.Nodes;

namespace Chat.Conversations;

/// <summary>What a page shows before it reads a stream, and after the stream has ended.</summary>
internal static class ConversationEndpoints
{
    public static void MapConversations(this IEndpointRouteBuilder app) => app.MapGet(
        "/api/chat/{id}",
        async (string id, IConversationStore store, EventStreamHub hub, Node node) =>
        {
            // The run first, so that a run that is over has its answer in the store.
            var run = await hub.GetRunAsync($"chats/{id}/answer");
            var chat = await store.FindAsync(id);
            UIMessage[] messages = [.. chat?.Messages ?? [], .. chat?.Answer is { } answer ? (UIMessage[])[answer] : []];
            return new { Messages = messages, TakeOver = chat?.TakeOver ?? false, Run = run?.State.ToString(), node.IsAlone };
        });
}
