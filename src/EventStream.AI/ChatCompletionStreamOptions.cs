namespace EventStream.AI;

/// <summary>The options of a stream of OpenAI's chat completion chunks.</summary>
public sealed class ChatCompletionStreamOptions : AnswerStreamOptions
{
    /// <summary>The name of the model in each chunk.</summary>
    /// <value>Null by default: the name that the model's first update has, or else an empty name.</value>
    public string? Model { get; init; }

    /// <summary>Whether a last chunk tells how many tokens were used, as <c>stream_options.include_usage</c> of the request asks.</summary>
    /// <value>False by default. A model that tells no usage gets no such chunk.</value>
    public bool IncludeUsage { get; init; }
}
