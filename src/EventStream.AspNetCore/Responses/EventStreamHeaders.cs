using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace EventStream.AspNetCore.Responses;

/// <summary>The status and headers of an event stream's response.</summary>
internal static class EventStreamHeaders
{
    public const string ContentType = "text/event-stream";
    public const string DataMediaType = "X-Event-Data-Mimetype";
    private const string KeepAlive = "EventStream-Keep-Alive";
    private const string AccelBuffering = "X-Accel-Buffering";
    private const string NoCache = "no-cache, no-store, no-transform";

    /// <summary>Throws if the status or the content type is impossible for an event stream. It does not change the response.</summary>
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
                + "Leave it at 200: a browser's EventSource accepts no other status.");
        }

        if (response.ContentType is { } set && !set.AsSpan().TrimStart().StartsWith(ContentType, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException(
                $"The handler set the content type '{set}', but an event stream has '{ContentType}'. "
                + "Do not set it in the handler or in the middleware before it.");
        }
    }

    /// <summary>Sets the headers. It keeps headers that the handler set, except those that would break the stream.</summary>
    /// <param name="context">The request.</param>
    /// <param name="dataMediaType">The media type of the payloads; null: no header.</param>
    /// <param name="keepAlive">The longest silence, in seconds; null: no header.</param>
    public static void Apply(HttpContext context, string? dataMediaType, string? keepAlive)
    {
        var headers = context.Response.Headers;
        headers.ContentType = ContentType;
        headers.ContentLength = null;
        if (!headers.ContainsKey(HeaderNames.CacheControl)) headers.CacheControl = NoCache;
        if (!headers.ContainsKey(AccelBuffering)) headers[AccelBuffering] = "no";
        if (dataMediaType is not null && !headers.ContainsKey(DataMediaType)) headers[DataMediaType] = dataMediaType;
        if (keepAlive is not null && !headers.ContainsKey(KeepAlive)) headers[KeepAlive] = keepAlive;
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }
}
