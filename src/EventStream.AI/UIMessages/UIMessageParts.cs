using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventStream.AI.UIMessages;

/// <summary>A part of the UI message stream, version 1, as <c>uiMessageChunkSchema</c> of the npm package <c>ai</c> has it.</summary>
internal abstract record UIMessagePart([property: JsonPropertyOrder(-1)] string Type);

internal sealed record StartPart(string MessageId) : UIMessagePart("start");

internal sealed record StartStepPart() : UIMessagePart("start-step");

internal sealed record FinishStepPart() : UIMessagePart("finish-step");

internal sealed record FinishPart(string FinishReason) : UIMessagePart("finish");

internal sealed record AbortPart() : UIMessagePart("abort");

internal sealed record ErrorPart(string ErrorText) : UIMessagePart("error");

internal sealed record TextStartPart(string Id) : UIMessagePart("text-start");

internal sealed record TextDeltaPart(string Id, string Delta) : UIMessagePart("text-delta");

internal sealed record TextEndPart(string Id) : UIMessagePart("text-end");

internal sealed record ReasoningStartPart(string Id) : UIMessagePart("reasoning-start");

internal sealed record ReasoningDeltaPart(string Id, string Delta) : UIMessagePart("reasoning-delta");

internal sealed record ReasoningEndPart(string Id) : UIMessagePart("reasoning-end");

internal sealed record ToolInputPart(string ToolCallId, string ToolName, JsonElement Input) : UIMessagePart("tool-input-available");

internal sealed record ToolInputErrorPart(string ToolCallId, string ToolName, JsonElement Input, string ErrorText)
    : UIMessagePart("tool-input-error");

internal sealed record ToolOutputPart(string ToolCallId, JsonElement Output) : UIMessagePart("tool-output-available");

internal sealed record ToolOutputErrorPart(string ToolCallId, string ErrorText) : UIMessagePart("tool-output-error");

internal sealed record SourceUrlPart(string SourceId, string Url, string? Title) : UIMessagePart("source-url");

internal sealed record SourceDocumentPart(string SourceId, string MediaType, string Title) : UIMessagePart("source-document");

internal sealed record FilePart(string Url, string MediaType) : UIMessagePart("file");

internal sealed record DataPart(string Name, string? Id, JsonElement Data, bool? Transient) : UIMessagePart($"data-{Name}")
{
    [JsonIgnore]
    public string Name { get; } = Name;
}
