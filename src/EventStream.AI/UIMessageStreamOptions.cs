namespace EventStream.AI;

/// <summary>The options of a UI message stream of the AI SDK.</summary>
public sealed class UIMessageStreamOptions : AnswerStreamOptions
{
    /// <summary>The id of the message that the answer becomes in the client's chat.</summary>
    /// <value>Null by default: each stream gets a random id. A client that resumes gets the same id again.</value>
    public string? MessageId { get; init; }

    /// <summary>Whether readers get the model's reasoning.</summary>
    /// <value>True by default.</value>
    public bool SendReasoning { get; init; } = true;

    /// <summary>Whether readers get the sources that the model cites.</summary>
    /// <value>True by default.</value>
    public bool SendSources { get; init; } = true;
}
