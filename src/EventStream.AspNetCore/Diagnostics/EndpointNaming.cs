namespace EventStream.AspNetCore.Diagnostics;

internal static class EndpointNaming
{
    extension(HttpContext context)
    {
        /// <summary>What logs call the endpoint: its display name, or the path where no endpoint was routed to.</summary>
        public string? EndpointName => context.GetEndpoint()?.DisplayName ?? context.Request.Path;
    }
}
