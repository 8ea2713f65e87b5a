using System.Text.Json.Serialization;

namespace EventStream.AI.ChatCompletions;

/// <summary>A chunk, as <c>CreateChatCompletionStreamResponse</c> of OpenAI's API description has it.</summary>
internal record Chunk(string Id, string Object, long Created, string Model, Choice[] Choices);

/// <summary>A chunk of a stream that tells its usage: null in each chunk but the last.</summary>
internal sealed record UsageChunk(
    string Id,
    string Object,
    long Created,
    string Model,
    Choice[] Choices,
    [property: JsonPropertyOrder(1), JsonIgnore(Condition = JsonIgnoreCondition.Never)] TokenUsage? Usage)
    : Chunk(Id, Object, Created, Model, Choices);

internal sealed record Choice(
    int Index,
    Delta Delta,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Logprobs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason);

internal sealed record Delta
{
    public string? Role { get; init; }

    public string? Content { get; init; }

    public string? Refusal { get; init; }

    public ToolCall[]? ToolCalls { get; init; }
}

internal sealed record ToolCall(int Index, string? Id, string? Type, FunctionCall Function);

internal sealed record FunctionCall(string? Name, string Arguments);

internal sealed record TokenUsage(
    long PromptTokens,
    long CompletionTokens,
    long TotalTokens,
    PromptTokensDetails? PromptTokensDetails,
    CompletionTokensDetails? CompletionTokensDetails);

internal sealed record PromptTokensDetails(long CachedTokens);

internal sealed record CompletionTokensDetails(long ReasoningTokens);

/// <summary>An error in the place of a chunk.</summary>
internal sealed record ErrorChunk(StreamError Error);

internal sealed record StreamError(
    string Message,
    string Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Code);
