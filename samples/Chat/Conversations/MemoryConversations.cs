using System.Collections.Concurrent;

namespace Chat.Conversations;

/// <summary>The chats of one node, for as long as it runs.</summary>
internal sealed class MemoryConversations : IConversationStore
{
    private readonly ConcurrentDictionary<string, Conversation> _conversations = new();

    public Task<Conversation?> FindAsync(string id) =>
        Task.FromResult(_conversations.GetValueOrDefault(id));

    public Task SaveAsync(Conversation conversation)
    {
        _conversations[conversation.Id] = conversation;
        return Task.CompletedTask;
    }

    public Task SaveAnswerAsync(Conversation conversation, UIMessage answer)
    {
        _conversations.AddOrUpdate(
            conversation.Id,
            _ => conversation with { Answer = answer },
            (_, current) => current.Question.Id == conversation.Question.Id ? current with { Answer = answer } : current);
        return Task.CompletedTask;
    }
}
