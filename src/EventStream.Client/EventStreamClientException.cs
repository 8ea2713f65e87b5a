using System.Net;

namespace EventStream.Client;

/// <summary>
/// The answer is no event stream, or not one that can be read: another attempt would bring the same. What came is in the message.
/// </summary>
public sealed class EventStreamClientException : Exception
{
    internal EventStreamClientException(string message, HttpStatusCode? statusCode = null, string? lastEventId = null, Exception? inner = null)
        : base(message, inner)
    {
        StatusCode = statusCode;
        LastEventId = lastEventId;
    }

    /// <summary>
    /// The status of the answer that ended the reading, also that of a redirect that is not followed. Null where no answer did: in a stream
    /// that began well, for a request that cannot be sent, and where a handler sent the request elsewhere.
    /// </summary>
    public HttpStatusCode? StatusCode { get; }

    /// <summary>
    /// The position after the event whose data could not be read, from which a new reading leaves it out if it has an id of its own; null
    /// if the fault is another.
    /// </summary>
    public string? LastEventId { get; }
}
