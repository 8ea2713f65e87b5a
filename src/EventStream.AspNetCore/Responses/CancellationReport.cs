using EventStream.AspNetCore.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Responses;

/// <summary>The end of callbacks of the app's that run because a token of its source is cancelled.</summary>
internal static class CancellationReport
{
    extension(Task cancellation)
    {
        /// <summary>Logs what the callbacks throw. They are not waited for, and the request may end before.</summary>
        /// <param name="logger">The app's logger.</param>
        /// <param name="endpoint">The name of the endpoint, because the context may serve another request by then.</param>
        /// <param name="stop">Why the stream ends.</param>
        public void Report(ILogger logger, string? endpoint, StreamStop stop) => _ = cancellation.ReportAsync(logger, endpoint, stop);

        private async Task ReportAsync(ILogger logger, string? endpoint, StreamStop stop)
        {
            try
            {
                await cancellation;
            }
            catch (Exception exception)
            {
                Log.SourceThrewWhileStopping(logger, exception, endpoint, stop.Reason);
            }
        }
    }
}
