using System.Text.Json.Serialization;
using EventStream.AI.Answers;

namespace EventStream.AI.UIMessages;

/// <summary>The generated JSON contracts of the parts; use <see cref="UIMessageContracts"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StartPart))]
[JsonSerializable(typeof(StartStepPart))]
[JsonSerializable(typeof(FinishStepPart))]
[JsonSerializable(typeof(FinishPart))]
[JsonSerializable(typeof(AbortPart))]
[JsonSerializable(typeof(ErrorPart))]
[JsonSerializable(typeof(TextStartPart))]
[JsonSerializable(typeof(TextDeltaPart))]
[JsonSerializable(typeof(TextEndPart))]
[JsonSerializable(typeof(ReasoningStartPart))]
[JsonSerializable(typeof(ReasoningDeltaPart))]
[JsonSerializable(typeof(ReasoningEndPart))]
[JsonSerializable(typeof(ToolInputPart))]
[JsonSerializable(typeof(ToolInputErrorPart))]
[JsonSerializable(typeof(ToolOutputPart))]
[JsonSerializable(typeof(ToolOutputErrorPart))]
[JsonSerializable(typeof(SourceUrlPart))]
[JsonSerializable(typeof(SourceDocumentPart))]
[JsonSerializable(typeof(FilePart))]
[JsonSerializable(typeof(DataPart))]
internal sealed partial class UIMessageJson : JsonSerializerContext;

/// <summary>The JSON contracts of the parts.</summary>
internal static class UIMessageContracts
{
    public static UIMessageJson Json { get; } = new(WireJson.Readable(UIMessageJson.Default.Options));
}
