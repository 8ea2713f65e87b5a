using System.Text.Json.Serialization;

namespace EventStream.AI.Tests.Infrastructure;

/// <summary>What <c>DefaultChatTransport</c> of the AI SDK posts.</summary>
internal sealed record UIRequest(string Id, UIMessage[] Messages)
{
    public string Text => string.Concat(Messages[^1].Parts.Select(part => part.Text));
}

internal sealed record UIMessage(string Role, UIPart[] Parts);

internal sealed record UIPart(string Type, string? Text);

/// <summary>What OpenAI's clients post.</summary>
internal sealed record CompletionRequest(
    TextMessage[] Messages, [property: JsonPropertyName("stream_options")] StreamOptions? StreamOptions)
{
    public string Text => Messages[^1].Content;
}

internal sealed record StreamOptions([property: JsonPropertyName("include_usage")] bool IncludeUsage);

/// <summary>What <c>HttpAgent</c> of AG-UI posts.</summary>
internal sealed record AGUIRequest(string ThreadId, string RunId, TextMessage[] Messages)
{
    public string Text => Messages[^1].Content;
}

internal sealed record TextMessage(string Role, string Content);
