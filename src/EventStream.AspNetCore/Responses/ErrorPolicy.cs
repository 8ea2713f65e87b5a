using EventStream.AspNetCore.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Responses;

/// <summary>Calls <see cref="EventStreamOptions.OnError"/>.</summary>
internal static class ErrorPolicy
{
    extension(EventStreamOptions options)
    {
        /// <summary>Gets the app's action for <paramref name="error"/>; a fault if the app has no function, or it throws.</summary>
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
