using EventStream.AI.Answers;

namespace EventStream.AI;

/// <summary>Results that stream an answer in the protocol of its client.</summary>
/// <remarks>
/// Each sets the protocol's end, an error for faults, and keep-alives that the protocol's clients skip. It does not change what
/// <c>configure</c> sets. The messages come from <c>ToUIMessageStream</c>, <c>ToChatCompletionStream</c> or <c>ToAGUIStream</c>.
/// </remarks>
public static class AnswerResultsExtensions
{
    extension(Results)
    {
        /// <inheritdoc cref="UIMessageStreamResult.UIMessageStreamResult(IAsyncEnumerable{EventStreamMessage},
        /// Action{EventStreamOptions}?)"/>
        public static UIMessageStreamResult UIMessageStream(
            IAsyncEnumerable<EventStreamMessage> parts, Action<EventStreamOptions>? configure = null) => new(parts, configure);

        /// <inheritdoc cref="UIMessageStreamResult.UIMessageStreamResult(Func{EventStreamRunRequest}, Action{EventStreamOptions}?)"/>
        public static UIMessageStreamResult UIMessageStream(
            Func<EventStreamRunRequest> run, Action<EventStreamOptions>? configure = null) => new(run, configure);

        /// <summary>Answers the request that <c>useChat({ resume: true })</c> sends: the answer that is running, or else 204.</summary>
        /// <remarks>
        /// The run may be on any node. The client asks without a position, so it gets the answer from its first part. An answer that has
        /// ended is not running: the app has it in its chat. No run is started. Let authorization decide who may read the channel.
        /// </remarks>
        /// <param name="channel">The channel of the run.</param>
        /// <param name="configure">
        /// Changes the <see cref="EventStreamOptions"/> of this stream alone; null, the default, changes nothing.
        /// </param>
        public static UIMessageStreamResult ResumeUIMessageStream(string channel, Action<EventStreamOptions>? configure = null) =>
            UIMessageStreamResult.OfRunning(channel, configure);

        /// <summary>Streams the chunks of an answer that ends with its request.</summary>
        /// <param name="chunks">The chunks, from <c>ToChatCompletionStream</c>.</param>
        /// <param name="configure">
        /// Changes the <see cref="EventStreamOptions"/> of this stream alone; null, the default, changes nothing.
        /// </param>
        public static EventStreamResult ChatCompletionStream(
            IAsyncEnumerable<EventStreamMessage> chunks, Action<EventStreamOptions>? configure = null) =>
            new(chunks, AnswerProtocol.ChatCompletions.Configure(configure));

        /// <summary>Streams the chunks of an answer that is a run: <c>() => hub.Run(…)</c>.</summary>
        /// <param name="run">Returns the run; see <see cref="EventStreamResult"/>.</param>
        /// <param name="configure">
        /// Changes the <see cref="EventStreamOptions"/> of this stream alone; null, the default, changes nothing.
        /// </param>
        public static EventStreamResult ChatCompletionStream(
            Func<EventStreamRunRequest> run, Action<EventStreamOptions>? configure = null) =>
            new(run, configure: AnswerProtocol.ChatCompletions.Configure(configure));

        /// <summary>Streams the events of an answer that ends with its request.</summary>
        /// <param name="events">The events, from <c>ToAGUIStream</c>.</param>
        /// <param name="configure">
        /// Changes the <see cref="EventStreamOptions"/> of this stream alone; null, the default, changes nothing.
        /// </param>
        public static EventStreamResult AGUIStream(
            IAsyncEnumerable<EventStreamMessage> events, Action<EventStreamOptions>? configure = null) =>
            new(events, AnswerProtocol.AGUI.Configure(configure));

        /// <summary>Streams the events of an answer that is a run: <c>() => hub.Run(…)</c>.</summary>
        /// <param name="run">Returns the run; see <see cref="EventStreamResult"/>.</param>
        /// <param name="configure">
        /// Changes the <see cref="EventStreamOptions"/> of this stream alone; null, the default, changes nothing.
        /// </param>
        public static EventStreamResult AGUIStream(Func<EventStreamRunRequest> run, Action<EventStreamOptions>? configure = null) =>
            new(run, configure: AnswerProtocol.AGUI.Configure(configure));
    }
}
