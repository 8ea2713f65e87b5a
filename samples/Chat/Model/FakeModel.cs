using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Chat.Model;

/// <summary>A language model that knows a few texts, and writes them as slowly as the real ones: reasoning, a tool call, words.</summary>
internal sealed partial class FakeModel(Pace pace) : IChatClient
{
    /// <summary>How many words' time the tool takes.</summary>
    internal const int ToolWaits = 4;

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var question = messages.Last().Text;
        var text = Texts.AnswerTo(question);
        foreach (var word in WordsOf(Texts.Reasoning))
        {
            await pace.WaitAsync(cancellationToken);
            yield return Assistant(new TextReasoningContent(word));
        }

        if (question.StartsWith("/error", StringComparison.Ordinal))
        {
            await pace.WaitAsync(cancellationToken);
            yield return Assistant(new TextContent("This answer begins well, and then"));
            throw new ModelException("The model has failed, as you asked.");
        }

        yield return Assistant(new FunctionCallContent("call-1", "count_words", new Dictionary<string, object?> { ["text"] = question }));
        for (var wait = 0; wait < ToolWaits; wait++) await pace.WaitAsync(cancellationToken);
        yield return new(ChatRole.Tool, [new FunctionResultContent("call-1", WordsOf(question).Count())]);

        foreach (var word in WordsOf(text))
        {
            await pace.WaitAsync(cancellationToken);
            yield return Assistant(new TextContent(word));
        }

        yield return new() { FinishReason = ChatFinishReason.Stop };
    }

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    /// <summary>Splits a text into words, each with the space before it; put together again they are the text.</summary>
    internal static IEnumerable<string> WordsOf(string text) => Word().Matches(text).Select(match => match.Value);

    private static ChatResponseUpdate Assistant(AIContent content) => new(ChatRole.Assistant, [content]);

    [GeneratedRegex(@"\s*\S+")]
    private static partial Regex Word();
}
