using System.Runtime.CompilerServices;
using EventStream.AI.Answers;
using EventStream.AI.AGUI;

namespace EventStream.AI;

/// <summary><c>ToAGUIStream</c>: an answer as AG-UI's events, for <c>HttpAgent</c> of <c>@ag-ui/client</c>.</summary>
/// <remarks>
/// <para>
/// The events begin with <c>RUN_STARTED</c>, and end with <c>RUN_FINISHED</c>, whose outcome is <c>cancelled</c> if the answer was stopped.
/// An answer that fails ends with <c>RUN_ERROR</c>. The stream ends without an event of its own, by <c>EventStreamProtocol.AGUIStream</c>.
/// <c>Results.AGUIStream</c> sets that.
/// </para>
/// <para>
/// Text, reasoning, calls of functions and their results become the events of those names. <see cref="StateSnapshotContent"/>,
/// <see cref="StateDeltaContent"/> and <see cref="AppDataContent"/> become <c>STATE_SNAPSHOT</c>, <c>STATE_DELTA</c> and <c>CUSTOM</c>.
/// </para>
/// </remarks>
public static class AGUIStreamExtensions
{
    /// <summary>Encodes an answer as AG-UI's events, with the default options.</summary>
    /// <remarks>Both ids are random. For a client that has sent ids, use the overload with options.</remarks>
    /// <param name="updates">The answer, such as the result of <c>GetStreamingResponseAsync</c>.</param>
    /// <param name="cancellationToken">
    /// Stops the answer, as the token of the enumeration does: both reach the model. It must not be the token of the request if the answer
    /// shall outlive the request.
    /// </param>
    /// <returns>The messages. Each enumeration enumerates the answer again.</returns>
    /// <exception cref="AnswerFailedException">
    /// While it is enumerated: the answer failed. The event <c>RUN_ERROR</c> comes before.
    /// </exception>
    public static IAsyncEnumerable<EventStreamMessage> ToAGUIStream(
        this IAsyncEnumerable<ChatResponseUpdate> updates, CancellationToken cancellationToken = default) =>
        updates.ToAGUIStream(new AGUIStreamOptions(), cancellationToken);

    /// <summary>Encodes an answer as AG-UI's events.</summary>
    /// <param name="updates">The answer.</param>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">Stops the answer, as the token of the enumeration does.</param>
    /// <inheritdoc cref="ToAGUIStream(IAsyncEnumerable{ChatResponseUpdate}, CancellationToken)"/>
    [OverloadResolutionPriority(1)]
    public static IAsyncEnumerable<EventStreamMessage> ToAGUIStream(
        this IAsyncEnumerable<ChatResponseUpdate> updates, AGUIStreamOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(updates);
        ArgumentNullException.ThrowIfNull(options);
        return AnswerSequence.EncodeAsync(updates, static options => new AGUIEncoder(options), options, cancellationToken);
    }

    /// <summary>Encodes plain text as AG-UI's events, with the default options.</summary>
    /// <remarks>Both ids are random. For a client that has sent ids, use the overload with options.</remarks>
    /// <param name="text">The pieces of the text.</param>
    /// <param name="cancellationToken">Stops the answer, as the token of the enumeration does.</param>
    /// <inheritdoc cref="ToAGUIStream(IAsyncEnumerable{ChatResponseUpdate}, CancellationToken)"/>
    public static IAsyncEnumerable<EventStreamMessage> ToAGUIStream(
        this IAsyncEnumerable<string> text, CancellationToken cancellationToken = default) =>
        text.ToAGUIStream(new AGUIStreamOptions(), cancellationToken);

    /// <summary>Encodes plain text as AG-UI's events.</summary>
    /// <param name="text">The pieces of the text.</param>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">Stops the answer, as the token of the enumeration does.</param>
    /// <inheritdoc cref="ToAGUIStream(IAsyncEnumerable{ChatResponseUpdate}, CancellationToken)"/>
    [OverloadResolutionPriority(1)]
    public static IAsyncEnumerable<EventStreamMessage> ToAGUIStream(
        this IAsyncEnumerable<string> text, AGUIStreamOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return AnswerSequence.UpdatesOf(text, CancellationToken.None).ToAGUIStream(options, cancellationToken);
    }
}
