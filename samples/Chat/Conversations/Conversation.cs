namespace Chat.Conversations;

/// <summary>A chat, as useChat posts it and as the store keeps it.</summary>
/// <param name="Id">Its id, which the page makes.</param>
/// <param name="Messages">Its messages. The newest is the question.</param>
/// <param name="TakeOver">Whether another node takes the answer over if its node dies.</param>
/// <param name="Answer">The answer to the newest question; null if there is none yet.</param>
internal sealed record Conversation(string Id, UIMessage[] Messages, bool TakeOver = false, UIMessage? Answer = null)
{
    public UIMessage Question => Messages[^1];

    /// <summary>The id of the answer, which is the same on every node, so that a reader finds the message that it has already.</summary>
    public string AnswerId => $"{Question.Id}-answer";
}
