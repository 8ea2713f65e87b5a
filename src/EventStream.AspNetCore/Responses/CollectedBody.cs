using Microsoft.AspNetCore.WebUtilities;

namespace EventStream.AspNetCore.Responses;

/// <summary>Detects a response body that a middleware has replaced by a stream that collects everything.</summary>
/// <remarks>The client gets nothing from such a body before the event stream has ended.</remarks>
internal static class CollectedBody
{
    /// <summary>Gets the type name of the collecting stream; null if the body does not collect.</summary>
    public static string? In(HttpResponse response) =>
        // A stream to a client cannot seek. Most streams that collect can.
        response.Body is { CanSeek: true } or FileBufferingWriteStream ? response.Body.GetType().Name : null;
}
