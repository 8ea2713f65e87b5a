namespace Chat.Conversations;

/// <summary>Where the chats are.</summary>
internal interface IConversationStore
{
    /// <summary>Gets a chat; null if there is none.</summary>
    Task<Conversation?> FindAsync(string id);

    /// <summary>Keeps a chat as it is after a question.</summary>
    Task SaveAsync(Conversation conversation);

    /// <summary>Keeps the answer to the question of a chat, unless the chat has another question by now.</summary>
    Task SaveAnswerAsync(Conversation conversation, UIMessage answer);
}
