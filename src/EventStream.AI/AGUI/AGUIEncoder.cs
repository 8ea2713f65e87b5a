using EventStream.AI.Answers;

namespace EventStream.AI.AGUI;

/// <summary>Encodes an answer as AG-UI's events.</summary>
/// <remarks>A client refuses <c>RUN_FINISHED</c> while a message is open, so each message is ended first.</remarks>
internal sealed class AGUIEncoder(AGUIStreamOptions options) : AnswerEncoder
{
    private string? _text;
    private string? _reasoning;
    private string? _parent;
    private string? _model;
    private int _messages;

    private static AGUIJson Contracts => AGUIContracts.Json;

    public override void Begin() => Write(new(options.ThreadId, options.RunId), Contracts.RunStartedEvent);

    public override void Finish() => WriteFinished(null);

    public override void Stop() => WriteFinished(new("cancelled"));

    public override void Fail(string text)
    {
        EndParts();
        Write(new(text, null), Contracts.RunErrorEvent);
    }

    protected override void BeginUpdate(ChatResponseUpdate update) => _model = update.ModelId ?? _model;

    protected override void AddText(string text)
    {
        if (_text is null)
        {
            EndParts();
            _parent = _text = NextId();
            Write(new(_text, "assistant"), Contracts.TextMessageStartEvent);
        }

        Write(new(_text, text), Contracts.TextMessageContentEvent);
    }

    protected override void AddRefusal(string text) => AddText(text);

    protected override void AddReasoning(string text)
    {
        if (!options.SendReasoning) return;
        if (_reasoning is null)
        {
            EndParts();
            _reasoning = NextId();
            Write(new(_reasoning), Contracts.ReasoningStartEvent);
            Write(new(_reasoning, "reasoning"), Contracts.ReasoningMessageStartEvent);
        }

        Write(new(_reasoning, text), Contracts.ReasoningMessageContentEvent);
    }

    protected override void AddCall(FunctionCallContent call)
    {
        EndParts();
        Write(new(call.CallId, call.Name, _parent), Contracts.ToolCallStartEvent);
        Write(new(call.CallId, options.SerializerOptions.ArgumentsTextOf(call)), Contracts.ToolCallArgsEvent);
        Write(new(call.CallId), Contracts.ToolCallEndEvent);
    }

    protected override void AddResult(FunctionResultContent result)
    {
        EndParts();
        var text = result.Exception is { } failure ? options.TextOf(failure) : options.SerializerOptions.ResultTextOf(result);
        Write(new(NextId(), result.CallId, text, "tool"), Contracts.ToolCallResultEvent);

        // The calls of the next step belong to the next message.
        _parent = null;
    }

    protected override void AddOther(AIContent content)
    {
        switch (content)
        {
            case StateSnapshotContent snapshot:
                Write(new(snapshot.State), Contracts.StateSnapshotEvent);
                break;
            case StateDeltaContent delta:
                Write(new(delta.Patch), Contracts.StateDeltaEvent);
                break;
            case AppDataContent data:
                Write(new(data.Name, data.Value), Contracts.CustomEvent);
                break;
        }
    }

    protected override void EndParts()
    {
        if (_text is not null) Write(new(_text), Contracts.TextMessageEndEvent);
        if (_reasoning is not null)
        {
            Write(new(_reasoning), Contracts.ReasoningMessageEndEvent);
            Write(new(_reasoning), Contracts.ReasoningEndEvent);
        }

        _text = _reasoning = null;
    }

    private void WriteFinished(RunOutcome? outcome)
    {
        EndParts();
        AGUITokenUsage[]? usage = Usage is null ? null :
        [
            new(
                _model,
                Usage.InputTokenCount,
                Usage.OutputTokenCount,
                Usage.TotalTokenCount,
                Usage.ReasoningTokenCount,
                Usage.CachedInputTokenCount),
        ];
        Write(new(options.ThreadId, options.RunId, outcome, usage), Contracts.RunFinishedEvent);
    }

    private string NextId() => $"{options.RunId}-{++_messages}";
}
