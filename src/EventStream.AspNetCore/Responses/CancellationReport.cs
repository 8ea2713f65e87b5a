using EventStream.AspNetCore.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Responses;

/// <summary>Reports exceptions of the app's callbacks that run when the token of its source is cancelled.</summary>
internal static class CancellationReport
{
    extension(Task cancellation)
    {
        /// <summary>Logs the exceptions of the callbacks, without waiting for them. The request may end before they return.</summary>
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
