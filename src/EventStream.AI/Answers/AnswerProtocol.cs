using EventStream.AI.AGUI;
using EventStream.AI.ChatCompletions;
using EventStream.AI.UIMessages;

namespace EventStream.AI.Answers;

/// <summary>What a stream sends besides the messages of an answer, and how it ends.</summary>
/// <param name="Protocol">The ends and gaps.</param>
/// <param name="Terminator">The message after the protocol's error; empty if there is none.</param>
/// <param name="Error">The protocol's error, for a failure that the answer's own messages do not tell.</param>
internal sealed record AnswerProtocol(EventStreamProtocol Protocol, EventStreamMessage Terminator, EventStreamMessage Error)
{
    private const string Done = "[DONE]";
    private const string LostText = "A part of the answer is lost.";

    public static AnswerProtocol UIMessages { get; } = DoneAfter(
        EventStreamMessage.Json(new ErrorPart(LostText), UIMessageContracts.Json.ErrorPart),
        EventStreamMessage.Json(new ErrorPart(AnswerStreamOptions.DefaultErrorText), UIMessageContracts.Json.ErrorPart));

    public static AnswerProtocol ChatCompletions { get; } = DoneAfter(
        EventStreamMessage.Json(
            new ErrorChunk(new(LostText, "server_error", null, "gap")), ChatCompletionContracts.Json.ErrorChunk),
        EventStreamMessage.Json(
            new ErrorChunk(new(AnswerStreamOptions.DefaultErrorText, "server_error", null, null)),
            ChatCompletionContracts.Json.ErrorChunk));

    public static AnswerProtocol AGUI { get; } = new(
        GapAs(EventStreamMessage.Json(new RunErrorEvent(LostText, "gap"), AGUIContracts.Json.RunErrorEvent)),
        default,
        EventStreamMessage.Json(new RunErrorEvent(AnswerStreamOptions.DefaultErrorText, null), AGUIContracts.Json.RunErrorEvent));

    /// <summary>Sets the options of a stream of this protocol, and then what the app changes of them.</summary>
    public Action<EventStreamOptions> Configure(Action<EventStreamOptions>? configure) => options =>
    {
        options.Protocol = Protocol;

        // Clients of the three protocols skip a block without data, and a model may think longer than a proxy waits.
        options.KeepAlive = EventStreamKeepAlive.CommentAndBlankLine;
        options.OnError = ErrorActionAfter(options.OnError);
        configure?.Invoke(options);
    };

    private Func<EventStreamError, EventStreamErrorAction> ErrorActionAfter(Func<EventStreamError, EventStreamErrorAction>? ofApp) =>
        error => error.Exception is EventStreamReportedException ? EventStreamErrorAction.EndWith(Terminator)
            : ofApp?.Invoke(error) ?? EventStreamErrorAction.EndWith(Error);

    private static AnswerProtocol DoneAfter(EventStreamMessage gap, EventStreamMessage error) =>
        new(GapAs(gap) with { End = new(static _ => Done) }, new() { Data = Done }, error);

    private static EventStreamProtocol GapAs(EventStreamMessage gap) =>
        EventStreamProtocol.DataOnly with { Gap = new(_ => gap.Data) };
}
