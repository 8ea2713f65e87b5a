using System.Net;

namespace EventStream.Client;

/// <summary>The answer is not an event stream, or the client cannot read it.</summary>
/// <remarks>The client does not retry, because another attempt would get the same answer. The message describes the answer.</remarks>
public sealed class EventStreamClientException : Exception
{
    internal EventStreamClientException(
        string message, HttpStatusCode? statusCode = null, string? lastEventId = null, Exception? inner = null)
        : base(message, inner)
    {
        StatusCode = statusCode;
        LastEventId = lastEventId;
    }

    /// <summary>The status of the answer that ended the reading, also that of a redirect that is not followed.</summary>
    /// <value>
    /// Null if no answer ended it: the stream began well, the request cannot be sent, or a handler sent the request to another origin.
    /// </value>
    public HttpStatusCode? StatusCode { get; }

    /// <summary>The position after the event whose data could not be read; null for every other fault.</summary>
    /// <remarks>A reading that continues after it skips that event, if the event has an id of its own.</remarks>
    public string? LastEventId { get; }
}
