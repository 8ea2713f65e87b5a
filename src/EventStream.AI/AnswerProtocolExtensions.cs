using EventStream.AI.Answers;

namespace EventStream.AI;

/// <summary>The protocols of language models' clients, as values of <see cref="EventStreamProtocol"/>.</summary>
/// <remarks>
/// The results of this package set them. Set one on a channel whose stream another result or <c>MapEventStream</c> sends:
/// <c>AddChannel("chats/{id}", c => c.Protocol = EventStreamProtocol.UIMessageStream)</c>. Each is
/// <see cref="EventStreamProtocol.DataOnly"/> with the end of that protocol, and its error in the place of a gap.
/// </remarks>
public static class AnswerProtocolExtensions
{
    extension(EventStreamProtocol)
    {
        /// <summary>The AI SDK's UI message stream: it ends with <c>[DONE]</c>, and a gap is the part <c>error</c>.</summary>
        public static EventStreamProtocol UIMessageStream => AnswerProtocol.UIMessages.Protocol;

        /// <summary>OpenAI's chat completion chunks: it ends with <c>[DONE]</c>, and a gap is an object with <c>error</c>.</summary>
        public static EventStreamProtocol ChatCompletionStream => AnswerProtocol.ChatCompletions.Protocol;

        /// <summary>AG-UI's events: it ends without an event, and a gap is <c>RUN_ERROR</c> with the code <c>gap</c>.</summary>
        public static EventStreamProtocol AGUIStream => AnswerProtocol.AGUI.Protocol;
    }
}
