using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.HttpLogging;

namespace EventStream.AspNetCore.Diagnostics;

/// <summary>Excludes the bodies of streams from HTTP logging.</summary>
/// <remarks>HTTP logging would keep the beginning of each body in memory, and log it only when the stream ends.</remarks>
internal sealed class StreamHttpLogging : IHttpLoggingInterceptor
{
    // Nothing here, because it is unknown yet whether the endpoint will stream. Its refusals are ordinary responses, which are logged.
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
