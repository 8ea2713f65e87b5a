namespace EventStream.Client;

/// <summary>When the client sends a request again after its stream has ended or broken.</summary>
public enum EventStreamClientReconnect
{
    /// <summary>Always, until the server answers 204, as a browser's <c>EventSource</c> does.</summary>
    Always,

    /// <summary>Only with a position, for requests that must not be carried out twice.</summary>
    /// <remarks>
    /// The client has a position once the server has sent an id, or if <see cref="EventStreamClientOptions.LastEventId"/> is set. Without a
    /// position, a clean end ends the reading, and the client throws the error of a broken stream. A question to a language model is such
    /// a request.
    /// </remarks>
    WithPosition,

    /// <summary>Never: a clean end ends the reading, and the client throws the error of a broken stream.</summary>
    Never,
}
