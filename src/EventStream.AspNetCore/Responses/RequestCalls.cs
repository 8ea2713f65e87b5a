using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Responses;

/// <summary>Waits for a request's calls into foreign code, before its stream opens or instead of a stream.</summary>
/// <remarks>
/// If the client leaves or the host stops, the wait ends after <see cref="EventStreamOptions.SourceStopTimeout"/>, as for a source.
/// </remarks>
internal static class RequestCalls
{
    // How long a client waits for a log that is unavailable.
    private static readonly TimeSpan LogRetry = TimeSpan.FromSeconds(5);

    extension(HttpContext context)
    {
        /// <summary>Waits for a call whose result the answer needs.</summary>
        /// <param name="call">The call. It may still use the request when it is abandoned.</param>
        /// <param name="what">The name of the call, for the log.</param>
        /// <returns>Whether it has returned. If not, the request was answered, and the caller must return.</returns>
        public async Task<bool> ReturnsAsync(Task call, string what)
        {
            if (call.IsCompleted || await context.HasReturnedAsync(call, what, Timeout.InfiniteTimeSpan)) return true;
            if (context.RequestAborted.IsCancellationRequested) return false;
            if (context.Response.HasStarted) context.Abort();
            else await SoftReject.WriteAsync(context, StreamHost.Of(context).Options.DrainRetry);
            return false;
        }

        /// <summary>Waits for a call that may ask the log. If the log is unavailable, the answer is that the client must retry.</summary>
        /// <param name="call">The call.</param>
        /// <param name="what">The name of the call, for the log.</param>
        /// <returns>Whether it has succeeded. If not, the request was answered, and the caller must return.</returns>
        public async Task<bool> SucceedsAsync(Task call, string what)
        {
            try
            {
                if (!await context.ReturnsAsync(call, what)) return false;
                await call;
                return true;
            }
            catch (EventStreamLogException exception)
            {
                Log.LogDidNotAnswer(StreamHost.Of(context).Logger, exception, context.EndpointName);
                await new EventStreamRetryLaterResult(LogRetry).ExecuteAsync(context);
                return false;
            }
        }

        /// <summary>Waits until a short answer was sent, or the client has left; aborts an answer that cannot be sent in time.</summary>
        public async Task SendAsync(Task write)
        {
            var limit = StreamHost.Of(context).Options.WriteTimeout ?? Timeout.InfiniteTimeSpan;
            if (!write.IsCompleted && !await context.HasReturnedAsync(write, "The body", limit))
            {
                context.Abort();
                return;
            }

            // The exception of a write to a client that has left is not a fault.
            var hasLeft = context.RequestAborted.IsCancellationRequested;
            await write.ConfigureAwait(hasLeft ? ConfigureAwaitOptions.SuppressThrowing : ConfigureAwaitOptions.None);
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
