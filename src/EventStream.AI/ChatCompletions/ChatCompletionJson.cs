using System.Text.Json.Serialization;
using EventStream.AI.Answers;

namespace EventStream.AI.ChatCompletions;

/// <summary>The generated JSON contracts of the chunks; use <see cref="ChatCompletionContracts"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Chunk))]
[JsonSerializable(typeof(UsageChunk))]
[JsonSerializable(typeof(ErrorChunk))]
internal sealed partial class ChatCompletionJson : JsonSerializerContext;

/// <summary>The JSON contracts of the chunks.</summary>
internal static class ChatCompletionContracts
{
    public static ChatCompletionJson Json { get; } = new(WireJson.Readable(ChatCompletionJson.Default.Options));
}
