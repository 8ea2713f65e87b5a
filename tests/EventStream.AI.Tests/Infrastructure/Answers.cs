using System.Runtime.CompilerServices;

namespace EventStream.AI.Tests.Infrastructure;

/// <summary>Answers of a model, as sequences of updates.</summary>
internal static class Answers
{
    /// <summary>An answer of these updates, which then ends.</summary>
    public static async IAsyncEnumerable<ChatResponseUpdate> Of(params ChatResponseUpdate[] updates)
    {
        foreach (var update in updates)
        {
            await Task.Yield();
            yield return update;
        }
    }

    /// <summary>An answer of these updates, which then fails.</summary>
    public static async IAsyncEnumerable<ChatResponseUpdate> Failing(Exception exception, params ChatResponseUpdate[] updates)
    {
        await foreach (var update in Of(updates)) yield return update;
        throw exception;
    }

    /// <summary>An answer of these updates, which then calls the action and waits until its token is cancelled.</summary>
    public static async IAsyncEnumerable<ChatResponseUpdate> Waiting(
        Action wait, ChatResponseUpdate[] updates, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var update in Of(updates)) yield return update;
        wait();
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    /// <summary>Plain text in pieces.</summary>
    public static async IAsyncEnumerable<string> Words(params string[] words)
    {
        foreach (var word in words)
        {
            await Task.Yield();
            yield return word;
        }
    }

    public static ChatResponseUpdate Text(string text) => new(ChatRole.Assistant, text);

    public static ChatResponseUpdate With(params AIContent[] contents) => new(ChatRole.Assistant, [.. contents]);

    public static ChatResponseUpdate Tool(params AIContent[] results) => new(ChatRole.Tool, [.. results]);

    public static ChatResponseUpdate End(ChatFinishReason reason) => new() { Role = ChatRole.Assistant, FinishReason = reason };

    public static FunctionCallContent Call(string id, string name, params (string Name, object? Value)[] arguments) =>
        new(id, name, arguments.ToDictionary(argument => argument.Name, argument => argument.Value));
}
