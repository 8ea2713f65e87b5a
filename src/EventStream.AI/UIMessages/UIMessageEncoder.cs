using System.Globalization;
using EventStream.AI.Answers;

namespace EventStream.AI.UIMessages;

/// <summary>Encodes an answer as a UI message stream of the AI SDK, up to the part before <c>[DONE]</c>.</summary>
/// <remarks>A step is one call of the model. What the model says after the results of tools is another step.</remarks>
internal sealed class UIMessageEncoder(UIMessageStreamOptions options) : AnswerEncoder
{
    private readonly HashSet<string> _sources = [];
    private string? _text;
    private string? _reasoning;
    private int _ids;
    private bool _hasResults;

    private static UIMessageJson Contracts => UIMessageContracts.Json;

    public override void Begin()
    {
        Write(new(options.MessageId ?? Guid.NewGuid().ToString("N")), Contracts.StartPart);
        Write(new(), Contracts.StartStepPart);
    }

    public override void Finish()
    {
        EndParts();
        Write(new(), Contracts.FinishStepPart);
        Write(new(ReasonOf(FinishReason)), Contracts.FinishPart);
    }

    public override void Stop()
    {
        EndParts();
        Write(new(), Contracts.AbortPart);
    }

    public override void Fail(string text)
    {
        EndParts();
        Write(new(text), Contracts.ErrorPart);
    }

    protected override void AddText(string text)
    {
        if (_text is null)
        {
            BeginPart();
            _text = NextId();
            Write(new(_text), Contracts.TextStartPart);
        }

        Write(new(_text, text), Contracts.TextDeltaPart);
    }

    protected override void AddRefusal(string text) => AddText(text);

    protected override void AddReasoning(string text)
    {
        if (!options.SendReasoning) return;
        if (_reasoning is null)
        {
            BeginPart();
            _reasoning = NextId();
            Write(new(_reasoning), Contracts.ReasoningStartPart);
        }

        Write(new(_reasoning, text), Contracts.ReasoningDeltaPart);
    }

    protected override void AddCall(FunctionCallContent call)
    {
        BeginPart();
        var input = options.SerializerOptions.ArgumentsOf(call);
        if (call.Exception is null) Write(new(call.CallId, call.Name, input), Contracts.ToolInputPart);
        else Write(new(call.CallId, call.Name, input, options.TextOf(call.Exception)), Contracts.ToolInputErrorPart);
    }

    protected override void AddResult(FunctionResultContent result)
    {
        EndParts();
        if (result.Exception is { } failure) Write(new(result.CallId, options.TextOf(failure)), Contracts.ToolOutputErrorPart);
        else Write(new(result.CallId, options.SerializerOptions.ResultOf(result)), Contracts.ToolOutputPart);
        _hasResults = true;
    }

    protected override void AddOther(AIContent content)
    {
        switch (content)
        {
            case TextContent { Annotations: { } annotations } when options.SendSources:
                foreach (var citation in annotations.OfType<CitationAnnotation>()) AddSource(citation);
                break;
            case AppDataContent data:
                Write(new(data.Name, data.Id, data.Value, data.IsTransient ? true : null), Contracts.DataPart);
                break;
            case DataContent file:
                BeginPart();
                Write(new(file.Uri, file.MediaType), Contracts.FilePart);
                break;
            case UriContent file:
                BeginPart();
                Write(new(file.Uri.ToString(), file.MediaType), Contracts.FilePart);
                break;
        }
    }

    protected override void EndParts()
    {
        if (_text is not null) Write(new(_text), Contracts.TextEndPart);
        if (_reasoning is not null) Write(new(_reasoning), Contracts.ReasoningEndPart);
        _text = _reasoning = null;
    }

    private void AddSource(CitationAnnotation citation)
    {
        // A model cites the same page many times, and the client shows each source once.
        if ((citation.Url?.ToString() ?? citation.FileId) is not { } place || !_sources.Add(place)) return;
        if (citation.Url is null) Write(new(NextId(), "application/octet-stream", citation.Title ?? place), Contracts.SourceDocumentPart);
        else Write(new(NextId(), place, citation.Title), Contracts.SourceUrlPart);
    }

    private void BeginPart()
    {
        EndParts();
        if (!_hasResults) return;
        Write(new(), Contracts.FinishStepPart);
        Write(new(), Contracts.StartStepPart);
        _hasResults = false;
    }

    private string NextId() => (++_ids).ToString(CultureInfo.InvariantCulture);

    private static string ReasonOf(ChatFinishReason? reason) =>
        reason is null || reason == ChatFinishReason.Stop ? "stop"
        : reason == ChatFinishReason.Length ? "length"
        : reason == ChatFinishReason.ContentFilter ? "content-filter"
        : reason == ChatFinishReason.ToolCalls ? "tool-calls"
        : "other";
}
