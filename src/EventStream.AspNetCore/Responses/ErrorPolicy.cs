using EventStream.AspNetCore.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Responses;

internal static class ErrorPolicy
{
    extension(EventStreamOptions options)
    {
        /// <summary>What the app says is to be done about <paramref name="error"/>; a fault where it says nothing, or throws.</summary>
        public EventStreamErrorAction ActionOn(EventStreamError error, ILogger logger)
        {
            try
            {
                return options.OnError?.Invoke(error) ?? EventStreamErrorAction.Fault;
            }
            catch (Exception exception)
            {
                Log.OnErrorThrew(logger, exception, error.HttpContext.EndpointName);
                return EventStreamErrorAction.Fault;
            }
        }
    }
}
