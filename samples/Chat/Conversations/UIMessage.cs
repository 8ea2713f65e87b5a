using System.Text.Json;

namespace Chat.Conversations;

/// <summary>A message as the AI SDK has it in a page. The page alone knows what is in the parts.</summary>
internal sealed record UIMessage(string Id, string Role, JsonElement[] Parts)
{
    /// <summary>Makes the message that a page has when it has read these updates to their end.</summary>
    public static UIMessage Of(string id, IEnumerable<ChatResponseUpdate> updates)
    {
        var contents = updates.ToChatResponse().Messages.SelectMany(message => message.Contents).ToList();
        var results = contents.OfType<FunctionResultContent>().ToDictionary(result => result.CallId);
        return new(id, "assistant", [.. contents.Select(PartOf).OfType<object>().Select(part => JsonSerializer.SerializeToElement(part))]);

        object? PartOf(AIContent content) => content switch
        {
            TextContent text => new { type = "text", text = text.Text, state = "done" },
            TextReasoningContent reasoning => new { type = "reasoning", text = reasoning.Text, state = "done" },
            FunctionCallContent call when results.TryGetValue(call.CallId, out var result) => new
            {
                type = $"tool-{call.Name}",
                toolCallId = call.CallId,
                state = "output-available",
                input = call.Arguments,
                output = result.Result,
            },
            AppDataContent data => new { type = $"data-{data.Name}", data = data.Value },
            _ => null,
        };
    }

    public ChatMessage ToChatMessage() => new(new(Role), string.Concat(Parts.Select(TextOf)));

    private static string? TextOf(JsonElement part) =>
        part.GetProperty("type").ValueEquals("text") ? part.GetProperty("text").GetString() : null;
}
