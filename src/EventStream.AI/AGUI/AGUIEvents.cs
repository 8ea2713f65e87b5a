using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventStream.AI.AGUI;

/// <summary>An event of AG-UI 1.0, as the schemas of the npm package <c>@ag-ui/core</c> have it.</summary>
internal abstract record AGUIEvent([property: JsonPropertyOrder(-1)] string Type);

internal sealed record RunStartedEvent(string ThreadId, string RunId) : AGUIEvent("RUN_STARTED");

internal sealed record RunFinishedEvent(string ThreadId, string RunId, RunOutcome? Outcome, AGUITokenUsage[]? Usage)
    : AGUIEvent("RUN_FINISHED");

internal sealed record RunOutcome(string Type);

internal sealed record AGUITokenUsage(
    string? Model, long? InputTokens, long? OutputTokens, long? TotalTokens, long? ReasoningTokens, long? CachedInputTokens);

internal sealed record RunErrorEvent(string Message, string? Code) : AGUIEvent("RUN_ERROR");

internal sealed record TextMessageStartEvent(string MessageId, string Role) : AGUIEvent("TEXT_MESSAGE_START");

internal sealed record TextMessageContentEvent(string MessageId, string Delta) : AGUIEvent("TEXT_MESSAGE_CONTENT");

internal sealed record TextMessageEndEvent(string MessageId) : AGUIEvent("TEXT_MESSAGE_END");

internal sealed record ReasoningStartEvent(string MessageId) : AGUIEvent("REASONING_START");

internal sealed record ReasoningMessageStartEvent(string MessageId, string Role) : AGUIEvent("REASONING_MESSAGE_START");

internal sealed record ReasoningMessageContentEvent(string MessageId, string Delta) : AGUIEvent("REASONING_MESSAGE_CONTENT");

internal sealed record ReasoningMessageEndEvent(string MessageId) : AGUIEvent("REASONING_MESSAGE_END");

internal sealed record ReasoningEndEvent(string MessageId) : AGUIEvent("REASONING_END");

internal sealed record ToolCallStartEvent(string ToolCallId, string ToolCallName, string? ParentMessageId) : AGUIEvent("TOOL_CALL_START");

internal sealed record ToolCallArgsEvent(string ToolCallId, string Delta) : AGUIEvent("TOOL_CALL_ARGS");

internal sealed record ToolCallEndEvent(string ToolCallId) : AGUIEvent("TOOL_CALL_END");

internal sealed record ToolCallResultEvent(string MessageId, string ToolCallId, string Content, string Role)
    : AGUIEvent("TOOL_CALL_RESULT");

internal sealed record StateSnapshotEvent(JsonElement Snapshot) : AGUIEvent("STATE_SNAPSHOT");

internal sealed record StateDeltaEvent(JsonElement Delta) : AGUIEvent("STATE_DELTA");

internal sealed record CustomEvent(string Name, JsonElement Value) : AGUIEvent("CUSTOM");
