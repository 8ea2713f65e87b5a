namespace EventStream.AI;

/// <summary>The options of a stream of AG-UI's events.</summary>
/// <remarks>A client sends both ids in the body of its request, and expects them in the events.</remarks>
public sealed class AGUIStreamOptions : AnswerStreamOptions
{
    /// <summary>The id of the conversation: <c>threadId</c> of the request.</summary>
    /// <value>A random id by default. Not null.</value>
    public string ThreadId
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    }

    = Guid.NewGuid().ToString();

    /// <summary>The id of this answer: <c>runId</c> of the request.</summary>
    /// <value>A random id by default. Not null. The ids of the answer's messages begin with it.</value>
    public string RunId
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    }

    = Guid.NewGuid().ToString();

    /// <summary>Whether readers get the model's reasoning.</summary>
    /// <value>True by default.</value>
    public bool SendReasoning { get; init; } = true;
}
