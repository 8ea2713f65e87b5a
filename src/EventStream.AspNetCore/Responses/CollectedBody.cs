using Microsoft.AspNetCore.WebUtilities;

namespace EventStream.AspNetCore.Responses;

/// <summary>
/// A response's body that a middleware has replaced by a stream that collects, so that nothing leaves before the stream of events has
/// ended.
/// </summary>
internal static class CollectedBody
{
    /// <summary>The name of the collecting stream's type; null where the body is none.</summary>
    public static string? In(HttpResponse response) =>
        // What goes out to a client cannot be sought in; what was collected mostly can.
        response.Body is { CanSeek: true } or FileBufferingWriteStream ? response.Body.GetType().Name : null;
}
