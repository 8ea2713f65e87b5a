using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;

namespace EventStream.AspNetCore.Authorization;

/// <summary>The policy of an endpoint, combined from its metadata as the authorization middleware combines it.</summary>
internal static class EndpointPolicy
{
    // The middleware leaves this item for the endpoint middleware, which fails if an endpoint with [Authorize] lacks it.
    private const string MiddlewareHasRun = "__AuthorizationMiddlewareWithEndpointInvoked";

    /// <summary>Whether a request's endpoint may have a policy. False for an endpoint with <c>AllowAnonymous</c>.</summary>
    /// <remarks>
    /// The fallback policy counts only if the middleware has run. Without the middleware it did not count when the stream opened.
    /// Its refusal would then end each stream of an endpoint that lets the client in again.
    /// </remarks>
    public static bool MayApply(HttpContext request, AppAuthorization app)
    {
        if (!app.IsRegistered || request.GetEndpoint() is not { Metadata: var metadata }) return false;
        if (metadata.GetMetadata<IAllowAnonymous>() is not null) return false;
        return metadata.GetMetadata<IAuthorizeData>() is not null
            || metadata.GetMetadata<AuthorizationPolicy>() is not null
            || metadata.GetMetadata<IAuthorizationRequirementData>() is not null
            || (request.Features.Get<IItemsFeature>()?.Items.ContainsKey(MiddlewareHasRun) == true && app.HasFallback);
    }

    /// <summary>Combines the policy; null if the endpoint has none.</summary>
    /// <exception cref="InvalidOperationException">The app has no policy of a name.</exception>
    public static async Task<AuthorizationPolicy?> OfAsync(Endpoint endpoint, IAuthorizationPolicyProvider policies)
    {
        var metadata = endpoint.Metadata;
        var policy = await AuthorizationPolicy.CombineAsync(
            policies, metadata.GetOrderedMetadata<IAuthorizeData>(), metadata.GetOrderedMetadata<AuthorizationPolicy>());
        var data = metadata.GetOrderedMetadata<IAuthorizationRequirementData>();
        var requirements = data.SelectMany(entry => entry.GetRequirements()).ToArray();
        if (requirements.Length == 0) return policy;
        var required = new AuthorizationPolicyBuilder().AddRequirements(requirements).Build();
        return policy is null ? required : AuthorizationPolicy.Combine(policy, required);
    }
}
