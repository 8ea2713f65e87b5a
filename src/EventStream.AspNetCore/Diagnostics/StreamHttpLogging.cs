using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.HttpLogging;

namespace EventStream.AspNetCore.Diagnostics;

/// <summary>
/// Keeps the bodies of streams out of HTTP logging, which would keep the beginning of each in memory and log it only when the stream ends.
/// </summary>
internal sealed class StreamHttpLogging : IHttpLoggingInterceptor
{
    // Whether an endpoint that may stream does is not known yet: its refusals are ordinary responses.
    public ValueTask OnRequestAsync(HttpLoggingInterceptorContext logContext) => ValueTask.CompletedTask;

    public ValueTask OnResponseAsync(HttpLoggingInterceptorContext logContext)
    {
        var context = logContext.HttpContext;
        if (context.Response.ContentType == EventStreamHeaders.ContentType && EventStreamEndpointMetadata.IsOn(context.GetEndpoint()))
        {
            logContext.TryDisable(HttpLoggingFields.ResponseBody);
        }

        return ValueTask.CompletedTask;
    }
}
