using System.Reflection;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.AspNetCore.Mvc.Controllers;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>Gives an app one controller, and not all those of the test assembly.</summary>
public static class OneController
{
    public static IMvcBuilder AddController<TController>(this IServiceCollection services) =>
        services.AddControllers().ConfigureApplicationPartManager(parts =>
        {
            foreach (var provider in parts.FeatureProviders.OfType<ControllerFeatureProvider>().ToList())
            {
                parts.FeatureProviders.Remove(provider);
            }

            parts.FeatureProviders.Add(new Provider(typeof(TController)));
        });

    private sealed class Provider(Type controller) : IApplicationFeatureProvider<ControllerFeature>
    {
        public void PopulateFeature(IEnumerable<ApplicationPart> parts, ControllerFeature feature) =>
            feature.Controllers.Add(controller.GetTypeInfo());
    }
}
