using Microsoft.AspNetCore.Http.Metadata;

namespace EventStream.AspNetCore.Diagnostics;

/// <summary>The names of a request's endpoint in logs and metrics.</summary>
internal static class EndpointNaming
{
    extension(HttpContext context)
    {
        /// <summary>The endpoint's name in logs: its display name, or the path if no endpoint was matched.</summary>
        public string? EndpointName => context.GetEndpoint()?.DisplayName ?? context.Request.Path;

        /// <summary>The endpoint's route, as in the tag <c>http.route</c> of the framework's metrics; null if it has none.</summary>
        public string? Route => context.GetEndpoint()?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route switch
        {
            "" => "/",
            var route => route,
        };
    }
}
