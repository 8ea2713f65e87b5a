namespace EventStream.Client;

/// <summary>Whether the request is sent again when its stream has ended or broken.</summary>
public enum EventStreamClientReconnect
{
    /// <summary>Always, until the server answers 204, as a browser's <c>EventSource</c> does.</summary>
    Always,

    /// <summary>
    /// Only with a position: once the server has given an id, or <see cref="EventStreamClientOptions.LastEventId"/> is set. Without one a
    /// clean end is the end, and a break is thrown. For requests that must not be carried out twice, such as a question to a language
    /// model.
    /// </summary>
    WithPosition,

    /// <summary>Never: a clean end is the end, and a break is thrown.</summary>
    Never,
}
