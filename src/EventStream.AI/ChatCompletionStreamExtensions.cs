using System.Runtime.CompilerServices;
using EventStream.AI.Answers;
using EventStream.AI.ChatCompletions;

namespace EventStream.AI;

/// <summary><c>ToChatCompletionStream</c>: an answer as OpenAI's chat completion chunks, for OpenAI's clients.</summary>
/// <remarks>
/// <para>
/// The first chunk has the role, and the last one the reason for the end. A chunk with the usage follows, if the options ask for it. An
/// answer that fails ends with an object that has <c>error</c>. So does one that is stopped, because the protocol has no other word for it.
/// <c>[DONE]</c> is the end of the stream: the response or the channel sends it, by <c>EventStreamProtocol.ChatCompletionStream</c>.
/// <c>Results.ChatCompletionStream</c> sets that.
/// </para>
/// <para>
/// Text, refusals, calls of functions and usage are sent. A call with a result is the server's own, and is left out together with its
/// result. The protocol has no place for reasoning, sources, files and data.
/// </para>
/// </remarks>
public static class ChatCompletionStreamExtensions
{
    /// <summary>Encodes an answer as OpenAI's chat completion chunks, with the default options.</summary>
    /// <param name="updates">The answer, such as the result of <c>GetStreamingResponseAsync</c>.</param>
    /// <param name="cancellationToken">
    /// Stops the answer, as the token of the enumeration does: both reach the model. It must not be the token of the request if the answer
    /// shall outlive the request.
    /// </param>
    /// <returns>The messages. Each enumeration enumerates the answer again.</returns>
    /// <exception cref="AnswerFailedException">
    /// While it is enumerated: the answer failed. The object with <c>error</c> comes before.
    /// </exception>
    public static IAsyncEnumerable<EventStreamMessage> ToChatCompletionStream(
        this IAsyncEnumerable<ChatResponseUpdate> updates, CancellationToken cancellationToken = default) =>
        updates.ToChatCompletionStream(new ChatCompletionStreamOptions(), cancellationToken);

    /// <summary>Encodes an answer as OpenAI's chat completion chunks.</summary>
    /// <param name="updates">The answer.</param>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">Stops the answer, as the token of the enumeration does.</param>
    /// <inheritdoc cref="ToChatCompletionStream(IAsyncEnumerable{ChatResponseUpdate}, CancellationToken)"/>
    [OverloadResolutionPriority(1)]
    public static IAsyncEnumerable<EventStreamMessage> ToChatCompletionStream(
        this IAsyncEnumerable<ChatResponseUpdate> updates,
        ChatCompletionStreamOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(updates);
        ArgumentNullException.ThrowIfNull(options);
        return AnswerSequence.EncodeAsync(updates, static options => new ChatCompletionEncoder(options), options, cancellationToken);
    }

    /// <summary>Encodes plain text as OpenAI's chat completion chunks, with the default options.</summary>
    /// <param name="text">The pieces of the text.</param>
    /// <param name="cancellationToken">Stops the answer, as the token of the enumeration does.</param>
    /// <inheritdoc cref="ToChatCompletionStream(IAsyncEnumerable{ChatResponseUpdate}, CancellationToken)"/>
    public static IAsyncEnumerable<EventStreamMessage> ToChatCompletionStream(
        this IAsyncEnumerable<string> text, CancellationToken cancellationToken = default) =>
        text.ToChatCompletionStream(new ChatCompletionStreamOptions(), cancellationToken);

    /// <summary>Encodes plain text as OpenAI's chat completion chunks.</summary>
    /// <param name="text">The pieces of the text.</param>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">Stops the answer, as the token of the enumeration does.</param>
    /// <inheritdoc cref="ToChatCompletionStream(IAsyncEnumerable{ChatResponseUpdate}, CancellationToken)"/>
    [OverloadResolutionPriority(1)]
    public static IAsyncEnumerable<EventStreamMessage> ToChatCompletionStream(
        this IAsyncEnumerable<string> text, ChatCompletionStreamOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return AnswerSequence.UpdatesOf(text, CancellationToken.None).ToChatCompletionStream(options, cancellationToken);
    }
}
