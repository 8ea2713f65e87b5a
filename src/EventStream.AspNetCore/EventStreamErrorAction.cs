namespace EventStream.AspNetCore;

/// <summary>The reaction of a stream to an error, returned by <see cref="EventStreamOptions.OnError"/>.</summary>
public sealed class EventStreamErrorAction
{
    private EventStreamErrorAction()
    {
    }

    /// <summary>The default: throws the error to the server, which logs it.</summary>
    /// <remarks>
    /// The client sees an incomplete response, and reconnects after a growing delay. The failure of a run was logged by its node. It is not
    /// thrown again, and the response is aborted.
    /// </remarks>
    public static EventStreamErrorAction Fault { get; } = new();

    /// <summary>Skips the message that cannot be written, and continues with the next one.</summary>
    /// <remarks>
    /// The message's id is written, because otherwise a client that resumes would run into the same message again. If
    /// <see cref="EventStreamError.CanSkip"/> is false, it acts like <see cref="Fault"/>.
    /// </remarks>
    public static EventStreamErrorAction Skip { get; } = new();

    internal EventStreamMessage? LastMessage { get; private init; }

    /// <summary>Writes a last message and ends the stream cleanly; the client reconnects after a growing delay.</summary>
    /// <param name="lastMessage">
    /// The last message. Any event name is allowed, also <c>error</c>. Do not put an exception's text in it.
    /// </param>
    public static EventStreamErrorAction EndWith(EventStreamMessage lastMessage) => new() { LastMessage = lastMessage };
}
