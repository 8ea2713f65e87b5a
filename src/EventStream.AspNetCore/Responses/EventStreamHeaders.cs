using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace EventStream.AspNetCore.Responses;

/// <summary>The head of an event stream's response.</summary>
internal static class EventStreamHeaders
{
    public const string ContentType = "text/event-stream";
    public const string DataMediaType = "X-Event-Data-Mimetype";
    private const string AccelBuffering = "X-Accel-Buffering";
    private const string NoCache = "no-cache, no-store, no-transform";

    /// <summary>Refuses a head that no event stream can have; the response is as it was before.</summary>
    public static void Check(HttpResponse response)
    {
        if (response.HasStarted)
        {
            throw new InvalidOperationException(
                "The response has started already. An event stream needs a response to which nothing has been written.");
        }

        if (response.StatusCode is < 200 or 204 or 205 or 304)
        {
            throw new InvalidOperationException(
                $"The handler set the status {response.StatusCode}, whose response has no body. "
                + "Leave it at 200: browsers accept no other for an EventSource.");
        }

        if (response.ContentType is { } set && !set.AsSpan().TrimStart().StartsWith(ContentType, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException(
                $"The handler set the content type '{set}', and an event stream's is '{ContentType}'. "
                + "Remove it from the handler, or from the middleware before it.");
        }
    }

    /// <summary>Sets the headers; those that the handler set are kept, except those that would break the stream.</summary>
    public static void Apply(HttpContext context, string? dataMediaType)
    {
        var headers = context.Response.Headers;
        headers.ContentType = ContentType;
        headers.ContentLength = null;
        if (!headers.ContainsKey(HeaderNames.CacheControl)) headers.CacheControl = NoCache;
        if (!headers.ContainsKey(AccelBuffering)) headers[AccelBuffering] = "no";
        if (dataMediaType is not null && !headers.ContainsKey(DataMediaType)) headers[DataMediaType] = dataMediaType;
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }
}
