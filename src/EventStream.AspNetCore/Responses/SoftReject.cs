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
    /// The protocol of the client; null, the default, is the app's. If it allows no lone lines, every client gets 503.
    /// </param>
    public static async Task WriteAsync(HttpContext context, TimeSpan retry, EventStreamProtocol? protocol = null)
    {
        protocol ??= StreamHost.Of(context).Format.OfPlainSource;
        var response = context.Response;

        // The caller may have set the status of a refusal, as the rate limiter does.
        if (!response.HasStarted) response.StatusCode = StatusCodes.Status200OK;
        EventStreamHeaders.Check(response);
        var wait = Jitter.Lengthen(retry);
        if (protocol.LoneLines && AcceptsEventStreamOnly(context.Request.Headers.Accept))
        {
            EventStreamHeaders.Apply(context, dataMediaType: null);
            if (!HttpMethods.IsHead(context.Request.Method))
            {
                RetryLine.Write(response.BodyWriter, wait);
                await context.SendAsync(response.BodyWriter.FlushAsync(context.RequestAborted).AsTask());
            }
        }
        else
        {
            response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }
    }

    private static bool AcceptsEventStreamOnly(StringValues accept) =>
        accept.Count == 1 && accept[0].AsSpan().Trim().Equals(EventStreamHeaders.ContentType, StringComparison.OrdinalIgnoreCase);
}
