using System.Runtime.CompilerServices;
using EventStream.AI.Answers;
using EventStream.AI.UIMessages;

namespace EventStream.AI;

/// <summary><c>ToUIMessageStream</c>: an answer as a UI message stream of the AI SDK, version 1, for <c>useChat</c>.</summary>
/// <remarks>
/// <para>
/// The messages begin with the part <c>start</c>, and end with <c>finish</c>. An answer that is stopped ends with <c>abort</c>, and one
/// that fails with <c>error</c>. <c>[DONE]</c> is the end of the stream: the response or the channel sends it, by
/// <c>EventStreamProtocol.UIMessageStream</c>. <c>Results.UIMessageStream</c> sets that.
/// </para>
/// <para>The contents of the updates become parts:</para>
/// <list type="bullet">
/// <item><see cref="TextContent"/>: <c>text-start</c>, <c>text-delta</c>, <c>text-end</c>; its citations <c>source-url</c> and
/// <c>source-document</c>.</item>
/// <item><see cref="TextReasoningContent"/>: <c>reasoning-start</c>, <c>reasoning-delta</c>, <c>reasoning-end</c>.</item>
/// <item><see cref="FunctionCallContent"/>: <c>tool-input-available</c>, or <c>tool-input-error</c>.</item>
/// <item><see cref="FunctionResultContent"/>: <c>tool-output-available</c>, or <c>tool-output-error</c>.</item>
/// <item><see cref="DataContent"/> and <see cref="UriContent"/>: <c>file</c>.</item>
/// <item><see cref="AppDataContent"/>: <c>data-*</c>.</item>
/// <item><see cref="ErrorContent"/>: the end of the answer, with <c>error</c>; a refusal is text.</item>
/// </list>
/// </remarks>
public static class UIMessageStreamExtensions
{
    /// <summary>Encodes an answer as a UI message stream of the AI SDK, with the default options.</summary>
    /// <param name="updates">The answer, such as the result of <c>GetStreamingResponseAsync</c>.</param>
    /// <param name="cancellationToken">
    /// Stops the answer, as the token of the enumeration does: both reach the model. It must not be the token of the request if the answer
    /// shall outlive the request.
    /// </param>
    /// <returns>The messages. Each enumeration enumerates the answer again.</returns>
    /// <exception cref="AnswerFailedException">
    /// While it is enumerated: the answer failed. The <c>error</c> part comes before.
    /// </exception>
    public static IAsyncEnumerable<EventStreamMessage> ToUIMessageStream(
        this IAsyncEnumerable<ChatResponseUpdate> updates, CancellationToken cancellationToken = default) =>
        updates.ToUIMessageStream(new UIMessageStreamOptions(), cancellationToken);

    /// <summary>Encodes an answer as a UI message stream of the AI SDK.</summary>
    /// <param name="updates">The answer.</param>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">Stops the answer, as the token of the enumeration does.</param>
    /// <inheritdoc cref="ToUIMessageStream(IAsyncEnumerable{ChatResponseUpdate}, CancellationToken)"/>
    [OverloadResolutionPriority(1)]
    public static IAsyncEnumerable<EventStreamMessage> ToUIMessageStream(
        this IAsyncEnumerable<ChatResponseUpdate> updates, UIMessageStreamOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(updates);
        ArgumentNullException.ThrowIfNull(options);
        return AnswerSequence.EncodeAsync(updates, static options => new UIMessageEncoder(options), options, cancellationToken);
    }

    /// <summary>Encodes plain text as a UI message stream of the AI SDK, with the default options.</summary>
    /// <param name="text">The pieces of the text.</param>
    /// <param name="cancellationToken">Stops the answer, as the token of the enumeration does.</param>
    /// <inheritdoc cref="ToUIMessageStream(IAsyncEnumerable{ChatResponseUpdate}, CancellationToken)"/>
    public static IAsyncEnumerable<EventStreamMessage> ToUIMessageStream(
        this IAsyncEnumerable<string> text, CancellationToken cancellationToken = default) =>
        text.ToUIMessageStream(new UIMessageStreamOptions(), cancellationToken);

    /// <summary>Encodes plain text as a UI message stream of the AI SDK.</summary>
    /// <param name="text">The pieces of the text.</param>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">Stops the answer, as the token of the enumeration does.</param>
    /// <inheritdoc cref="ToUIMessageStream(IAsyncEnumerable{ChatResponseUpdate}, CancellationToken)"/>
    [OverloadResolutionPriority(1)]
    public static IAsyncEnumerable<EventStreamMessage> ToUIMessageStream(
        this IAsyncEnumerable<string> text, UIMessageStreamOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return AnswerSequence.UpdatesOf(text, CancellationToken.None).ToUIMessageStream(options, cancellationToken);
    }
}
