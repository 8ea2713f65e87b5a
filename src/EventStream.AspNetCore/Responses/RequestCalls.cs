using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Responses;

/// <summary>The calls of a request into code that is not ours, before its stream opens or where none does.</summary>
/// <remarks>A client that leaves, and a host that stops, wait for them no longer than for a source.</remarks>
internal static class RequestCalls
{
    extension(HttpContext context)
    {
        /// <summary>Waits for a call on which the answer hangs.</summary>
        /// <param name="call">The call. It may still use the request when it is abandoned.</param>
        /// <param name="what">What it is, for the log.</param>
        /// <returns>Whether it has returned. If not, the request is answered, and ends.</returns>
        public async Task<bool> ReturnsAsync(Task call, string what)
        {
            if (call.IsCompleted || await context.HasReturnedAsync(call, what, Timeout.InfiniteTimeSpan)) return true;
            if (context.RequestAborted.IsCancellationRequested) return false;
            if (context.Response.HasStarted) context.Abort();
            else await SoftReject.WriteAsync(context, StreamHost.Of(context).Options.DrainRetry);
            return false;
        }

        /// <summary>Waits until a short answer was sent, or the client has left; aborts an answer that cannot be sent in time.</summary>
        public async Task SendAsync(Task write)
        {
            var limit = StreamHost.Of(context).Options.WriteTimeout ?? Timeout.InfiniteTimeSpan;
            if (!write.IsCompleted && !await context.HasReturnedAsync(write, "The body", limit)) context.Abort();
            else if (context.RequestAborted.IsCancellationRequested) await write.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            else await write.ConfigureAwait(ConfigureAwaitOptions.None);
        }

        private async Task<bool> HasReturnedAsync(Task call, string what, TimeSpan limit)
        {
            var host = StreamHost.Of(context);
            var moment = host.Options.SourceStopTimeout;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, host.Stopping);
            if (await call.ReturnsAsync(host.Time, limit, moment, stop.Token)) return true;
            Log.CallAbandoned(host.Logger, what, context.EndpointName, stop.IsCancellationRequested ? moment : limit);
            return false;
        }
    }
}
