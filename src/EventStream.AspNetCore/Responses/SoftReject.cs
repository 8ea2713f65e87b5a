using System.Globalization;
using EventStream.AspNetCore.Wire;
using Microsoft.Extensions.Primitives;

namespace EventStream.AspNetCore.Responses;

/// <summary>Answers a request with a refusal after which an <c>EventSource</c> reconnects.</summary>
internal static class SoftReject
{
    /// <summary>Writes the refusal.</summary>
    /// <param name="context">The request.</param>
    /// <param name="retry">How long the client must wait.</param>
    /// <param name="protocol">
    /// The protocol of the client; null, the default, is the app's. If it allows no lone lines, every client gets the status.
    /// </param>
    /// <param name="status">The status for a client that is no <c>EventSource</c>.</param>
    /// <param name="reason">The reason for such a client, as the body; null, the default, is no body.</param>
    public static async Task WriteAsync(
        HttpContext context,
        TimeSpan retry,
        EventStreamProtocol? protocol = null,
        int status = StatusCodes.Status503ServiceUnavailable,
        string? reason = null)
    {
        protocol ??= StreamHost.Of(context).Format.OfPlainSource;
        var response = context.Response;

        // The caller may have set the status of a refusal, as the rate limiter does.
        if (!response.HasStarted) response.StatusCode = StatusCodes.Status200OK;
        EventStreamHeaders.Check(response);
        var wait = Jitter.Lengthen(retry);
        if (protocol.LoneLines && IsEventSource(context.Request))
        {
            EventStreamHeaders.Apply(context, dataMediaType: null, keepAlive: null);
            if (!HttpMethods.IsHead(context.Request.Method))
            {
                RetryLine.Write(response.BodyWriter, wait);
                await context.SendAsync(response.BodyWriter.FlushAsync(context.RequestAborted).AsTask());
            }
        }
        else
        {
            response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            response.StatusCode = status;
            if (reason is not null) await ReasonedAnswer.WriteAsync(context, status, reason);
        }
    }

    // It sends only GET. A client that sends POST is made of fetch, and would take the clean end for the whole answer.
    private static bool IsEventSource(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && AcceptsEventStreamOnly(request.Headers.Accept);

    private static bool AcceptsEventStreamOnly(StringValues accept) =>
        accept.Count == 1 && accept[0].AsSpan().Trim().Equals(EventStreamHeaders.ContentType, StringComparison.OrdinalIgnoreCase);
}
