using EventStream.AI.Answers;

namespace EventStream.AI.ChatCompletions;

/// <summary>Encodes an answer as OpenAI's chat completion chunks, up to the chunk before <c>[DONE]</c>.</summary>
internal sealed class ChatCompletionEncoder(ChatCompletionStreamOptions options) : AnswerEncoder
{
    private const string Object = "chat.completion.chunk";

    // A call without a result is for the client to execute. A call whose result follows is the server's own, and the protocol has no
    // place for it. Which of the two it is shows only at the end of the answer; nothing but results follows a call in its step.
    private readonly List<FunctionCallContent> _calls = [];
    private string _id = "";
    private string _model = "";
    private long _created;
    private bool _hasBegun;

    private static ChatCompletionJson Contracts => ChatCompletionContracts.Json;

    /// <summary>Does nothing, because the first chunk has the model's name, which the first update tells.</summary>
    public override void Begin()
    {
    }

    public override void Finish()
    {
        BeginOnce(null);
        for (var index = 0; index < _calls.Count; index++) WriteCall(index, _calls[index]);
        Write(new Delta(), ReasonOf(FinishReason));
        if (options.IncludeUsage && Usage is not null) Write(new(_id, Object, _created, _model, [], UsageOf(Usage)), Contracts.UsageChunk);
    }

    public override void Stop() => WriteError("The answer was stopped.", "stopped");

    public override void Fail(string text) => WriteError(text, null);

    protected override void BeginUpdate(ChatResponseUpdate update) => BeginOnce(update);

    protected override void AddText(string text) => Write(new Delta { Content = text });

    protected override void AddRefusal(string text) => Write(new Delta { Refusal = text });

    /// <summary>Leaves the reasoning out, for which the protocol has no field.</summary>
    protected override void AddReasoning(string text)
    {
    }

    protected override void AddCall(FunctionCallContent call)
    {
        if (!call.InformationalOnly) _calls.Add(call);
    }

    protected override void AddResult(FunctionResultContent result) => _calls.RemoveAll(call => call.CallId == result.CallId);

    protected override void EndParts()
    {
    }

    // All chunks of an answer have the same id, time and model, also those of later steps.
    private void BeginOnce(ChatResponseUpdate? first)
    {
        if (_hasBegun) return;
        _hasBegun = true;
        _id = first?.ResponseId ?? $"chatcmpl-{Guid.NewGuid():N}";
        _created = (first?.CreatedAt ?? DateTimeOffset.UtcNow).ToUnixTimeSeconds();
        _model = options.Model ?? first?.ModelId ?? "";
        Write(new Delta { Role = "assistant", Content = "" });
    }

    // As OpenAI does: the name first, and then the arguments.
    private void WriteCall(int index, FunctionCallContent call)
    {
        var arguments = options.SerializerOptions.ArgumentsTextOf(call);
        Write(new Delta { ToolCalls = [new(index, call.CallId, "function", new(call.Name, ""))] });
        Write(new Delta { ToolCalls = [new(index, null, null, new(null, arguments))] });
    }

    private void Write(Delta delta, string? finishReason = null)
    {
        Choice[] choices = [new(0, delta, null, finishReason)];
        if (options.IncludeUsage) Write(new(_id, Object, _created, _model, choices, null), Contracts.UsageChunk);
        else Write(new(_id, Object, _created, _model, choices), Contracts.Chunk);
    }

    private void WriteError(string message, string? code) => Write(new(new(message, "server_error", null, code)), Contracts.ErrorChunk);

    private string ReasonOf(ChatFinishReason? reason) =>
        _calls.Count > 0 ? "tool_calls"
        : reason == ChatFinishReason.Length ? "length"
        : reason == ChatFinishReason.ContentFilter ? "content_filter"
        : "stop";

    private static TokenUsage UsageOf(UsageDetails usage)
    {
        var (prompt, completion) = (usage.InputTokenCount ?? 0, usage.OutputTokenCount ?? 0);
        return new(
            prompt,
            completion,
            usage.TotalTokenCount ?? prompt + completion,
            usage.CachedInputTokenCount is { } cached ? new(cached) : null,
            usage.ReasoningTokenCount is { } reasoning ? new(reasoning) : null);
    }
}
