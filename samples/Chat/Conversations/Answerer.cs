using System.Runtime.CompilerServices;
using System.Text.Json;
using Chat.Nodes;

namespace Chat.Conversations;

/// <summary>Lets the model answer the question of a chat, and keeps the question and the answer.</summary>
internal sealed class Answerer(IChatClient model, IConversationStore store, IEventStreamPublisher streams, Node node)
{
    /// <summary>Answers. The answer begins with the name of the node that writes it; the store also learns if it ended early.</summary>
    /// <param name="conversation">The chat.</param>
    /// <param name="stop">Stops the answer. What there is of it is kept.</param>
    public async IAsyncEnumerable<ChatResponseUpdate> AnswerAsync(
        Conversation conversation, [EnumeratorCancellation] CancellationToken stop)
    {
        // Inside the run, so that of two questions at the same moment the chat keeps the one that is answered. The chat's other pages then
        // ask for the answer, which is there by now.
        await store.SaveAsync(conversation);
        await streams.PublishAsync($"chats/{conversation.Id}/questions", conversation.Question.Id, cancellationToken: stop);
        List<ChatResponseUpdate> updates = [];
        var isWhole = false;
        try
        {
            yield return Add(Data("node", node.Name));
            var messages = conversation.Messages.Select(message => message.ToChatMessage());
            await foreach (var update in model.GetStreamingResponseAsync(messages, cancellationToken: stop)) yield return Add(update);
            isWhole = true;
        }
        finally
        {
            if (!isWhole) Add(Data("end", stop.IsCancellationRequested ? "stopped" : "failed"));
            await store.SaveAnswerAsync(conversation, UIMessage.Of(conversation.AnswerId, updates));
        }

        ChatResponseUpdate Add(ChatResponseUpdate update)
        {
            updates.Add(update);
            return update;
        }
    }

    private static ChatResponseUpdate Data(string name, string value) =>
        new(ChatRole.Assistant, [new AppDataContent(name, JsonSerializer.SerializeToElement(value))]);
}
