using System.Runtime.CompilerServices;
using System.Text.Json;
using static EventStream.AI.Tests.Infrastructure.Answers;

namespace EventStream.AI.Tests.Infrastructure;

/// <summary>A model whose answer the last message names, such as <c>text</c>, <c>tool</c> or <c>error</c>.</summary>
internal sealed class FakeModel : IChatClient
{
    public const string FullText = "One two three, 世界.";

    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the model waits in the middle of an answer of the kind <c>held</c> or <c>held error</c>.</summary>
    public TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many answers were begun.</summary>
    public int Count { get; private set; }

    /// <summary>Lets such an answer continue.</summary>
    public void Continue() => _gate.TrySetResult();

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Count++;
        var kind = messages.Last().Text;
        foreach (var word in (string[])["One ", "two "])
        {
            await Task.Yield();
            yield return Update(Text(word));
        }

        if (kind == "error") throw new InvalidOperationException("secret");
        if (kind is "held" or "held error")
        {
            Waiting.TrySetResult();
            await _gate.Task.WaitAsync(cancellationToken);
        }

        if (kind == "held error") throw new InvalidOperationException("secret");

        if (kind == "state")
        {
            yield return Update(With(new StateSnapshotContent(JsonElement.Parse("""{"step":1}"""))));
            yield return Update(With(new StateDeltaContent(JsonElement.Parse("""[{"op":"replace","path":"/step","value":2}]"""))));
            yield return Update(With(new TextReasoningContent("Hm.")));
            yield return Update(With(new AppDataContent("chart", JsonElement.Parse("[1]"))));
        }

        if (kind == "tool")
        {
            yield return Update(With(Call("c1", "weather", ("city", "Bern"))));
            yield return Update(Tool(new FunctionResultContent("c1", "blue")));
        }

        if (kind == "call")
        {
            yield return Update(With(Call("c1", "weather", ("city", "Bern"))));
            yield return Update(End(ChatFinishReason.ToolCalls));
            yield break;
        }

        yield return Update(Text("three, "));
        yield return Update(Text("世界."));
        yield return Update(With(
            new UsageContent(new() { InputTokenCount = 10, OutputTokenCount = 4, TotalTokenCount = 14 })));
        yield return Update(End(ChatFinishReason.Stop));
    }

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    private static ChatResponseUpdate Update(ChatResponseUpdate update)
    {
        (update.ResponseId, update.ModelId) = ("chatcmpl-1", "fake-1");
        return update;
    }
}
