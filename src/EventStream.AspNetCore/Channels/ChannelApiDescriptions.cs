using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace EventStream.AspNetCore.Channels;

/// <summary>Completes the API descriptions of the endpoints of <c>MapEventStream</c>.</summary>
/// <remarks>
/// The framework reads parameters from the signature of a handler, and these handlers have none. A document is invalid if a path has a
/// parameter that is not declared (OpenAPI 3.1, section 4.8.2). HEAD is left out, because it would repeat the operation with the same id.
/// </remarks>
internal sealed class ChannelApiDescriptions(ParameterPolicyFactory policies) : IApiDescriptionProvider
{
    // Microsoft.AspNetCore.OpenApi fails for a parameter without model metadata.
    private static readonly ModelMetadata Text = new EmptyModelMetadataProvider().GetMetadataForType(typeof(string));

    // After the framework's own provider, at -1100, which creates the descriptions.
    public int Order => 0;

    public void OnProvidersExecuting(ApiDescriptionProviderContext context)
    {
        foreach (var description in context.Results.Where(IsOfAChannel).ToArray())
        {
            if (HttpMethods.IsHead(description.HttpMethod!)) context.Results.Remove(description);
            else AddParameters(description);
        }
    }

    public void OnProvidersExecuted(ApiDescriptionProviderContext context)
    {
    }

    private static bool IsOfAChannel(ApiDescription description) =>
        description.ActionDescriptor.EndpointMetadata?.OfType<ChannelEndpoint>().Any() == true;

    private void AddParameters(ApiDescription description)
    {
        foreach (var parameter in RoutePatternFactory.Parse(description.RelativePath ?? "").Parameters)
        {
            description.ParameterDescriptions.Add(new ApiParameterDescription
            {
                Name = parameter.Name,
                Source = BindingSource.Path,
                Type = typeof(string),
                ModelMetadata = Text,

                // OpenAPI has no optional path parameters.
                IsRequired = true,
                RouteInfo = new ApiParameterRouteInfo { Constraints = Constraints(parameter) },
            });
        }
    }

    private IRouteConstraint[] Constraints(RoutePatternParameterPart parameter) =>
    [
        .. parameter.ParameterPolicies
            .Where(policy => policy.Content is not null)
            .Select(policy => policies.Create(parameter, policy.Content!))
            .OfType<IRouteConstraint>(),
    ];
}
