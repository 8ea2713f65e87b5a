namespace Chat.Model;

/// <summary>What the fake model knows.</summary>
internal static class Texts
{
    public const string Reasoning =
        "The question is about this chat itself. I count its words first, because a tool call looks good, and then I answer.";

    private const string Reload =
        "Reload this page now, in the middle of this sentence, and look at what happens.\n\n"
        + "Your question started a run on the server. The run calls the model, and writes each word to a channel of its "
        + "own. This page only reads that channel. So the model goes on when you reload, when your train enters a tunnel, "
        + "and when you close the laptop.\n\n"
        + "After a reload the page asks for the answer that is running. The server sends it from its first word, the page "
        + "draws it again, and you read on. No word is missing, and none comes twice. The model has not noticed anything, "
        + "and nobody has paid for the answer a second time.";

    private const string Stop =
        "Press Stop. It does more than close a connection.\n\n"
        + "A page that disconnects does not end an answer, because the next page may want the rest. So the stop button "
        + "sends a request of its own, to any node. That node marks the run, the node that writes hears of it, and the "
        + "model's cancellation token is cancelled. The words that are there stay, and every reader is told that this is "
        + "the end.\n\n"
        + "Open this chat in a second tab, and press Stop there. The answer ends here as well, in less than a second, "
        + "although the second tab may talk to another node. Who pays for the tokens will be glad.";

    private const string Nodes =
        "Look below: you see which node writes this answer. With two nodes behind nginx there is a button beside it that "
        + "kills this node, as kill -9 does: no farewell, no clean end.\n\n"
        + "What happens next is your choice, and you make it before you ask. In the first case the answer ends with a "
        + "fault. Within a few seconds every reader is told, and you can ask again. In the second case the other node takes "
        + "the run over: its producer is called, it starts the answer again, and the readers go on without a new question.\n\n"
        + "In both cases the dead node cannot come back and write into the answer. If it was only slow, the log refuses its "
        + "words, because another claim holds the run.";

    private const string Anything =
        "I am a fake model, and I answer every question with this text. I cost nothing, and I never tire of it.\n\n"
        + "What is real is everything else. The page uses the AI SDK's useChat from npm, without a change. The answer comes "
        + "as a UI message stream over Server-Sent Events: some reasoning, the call of a tool, and then these words, one "
        + "event each. The server needs a dozen lines for all of that.\n\n"
        + "Now try to lose the answer. Reload the page. Close it, wait, and open it again from your history. Open it twice, "
        + "side by side. Ask in one tab and stop in the other. Type /error, and see how an error arrives. And if you have "
        + "started two nodes, kill the one that writes.";

    /// <summary>Gets the text that answers a question, by a word in it.</summary>
    public static string AnswerTo(string question) =>
        Has(question, "reload") ? Reload
        : Has(question, "stop") ? Stop
        : Has(question, "node") ? Nodes
        : Anything;

    private static bool Has(string question, string word) => question.Contains(word, StringComparison.OrdinalIgnoreCase);
}
