namespace EventStream.AspNetCore;

/// <summary>What a stream does about an error; returned by <see cref="EventStreamOptions.OnError"/>.</summary>
public sealed class EventStreamErrorAction
{
    private EventStreamErrorAction()
    {
    }

    /// <summary>
    /// The default: the error is thrown to the server, which logs it; the client sees an incomplete response and comes back after a growing
    /// delay.
    /// </summary>
    public static EventStreamErrorAction Fault { get; } = new();

    /// <summary>
    /// Leaves out the one message that cannot be written and goes on. Its id is written, so that it does not block a client's resume for
    /// ever. Where <see cref="EventStreamError.CanSkip"/> is false this is the same as <see cref="Fault"/>.
    /// </summary>
    public static EventStreamErrorAction Skip { get; } = new();

    internal EventStreamMessage? LastMessage { get; private init; }

    /// <summary>Writes a last message and ends the stream cleanly; the client comes back after a growing delay.</summary>
    /// <param name="lastMessage">The last message; its event may be any, also <c>error</c>. Exception texts do not belong in it.</param>
    public static EventStreamErrorAction EndWith(EventStreamMessage lastMessage) => new() { LastMessage = lastMessage };
}
