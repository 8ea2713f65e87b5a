using Microsoft.AspNetCore.Http.Metadata;

namespace EventStream.AspNetCore.Diagnostics;

internal static class EndpointNaming
{
    extension(HttpContext context)
    {
        /// <summary>What logs call the endpoint: its display name, or the path where no endpoint was routed to.</summary>
        public string? EndpointName => context.GetEndpoint()?.DisplayName ?? context.Request.Path;

        /// <summary>The endpoint's route, as the framework's metrics tell it in <c>http.route</c>; null: it has none.</summary>
        public string? Route => context.GetEndpoint()?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route switch
        {
            "" => "/",
            var route => route,
        };
    }
}
