using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace EventStream.AspNetCore.Authorization;

/// <summary>The authorization services of an app, as far as the checks of open streams need them.</summary>
/// <param name="services">The app's services; null if the app has none.</param>
internal sealed class AppAuthorization(IServiceProvider? services)
{
    // The root's, so that a check's scope does not depend on the request that happens to be the first.
    private readonly IServiceScopeFactory? _scopes = services?.GetService<IServiceScopeFactory>();
    private bool? _hasFallback;

    /// <summary>Whether the app has authorization. A container that cannot tell is taken to have it.</summary>
    public bool IsRegistered { get; } =
        services is not null && services.GetService<IServiceProviderIsService>()?.IsService(typeof(IAuthorizationService)) != false;

    /// <summary>Whether the app has a policy for endpoints without one of their own.</summary>
    public bool HasFallback => _hasFallback ??= FindsFallback();

    /// <summary>Creates the scope of one check.</summary>
    public AsyncServiceScope CreateScope() => _scopes!.CreateAsyncScope();

    /// <summary>Throws if options ask for checks that the app has no services for.</summary>
    /// <param name="options">The options of the app, of an endpoint, or of a response.</param>
    /// <param name="endpoint">The endpoint; null if the options are not of one.</param>
    /// <exception cref="InvalidOperationException">The app has no authorization, and the options have no function.</exception>
    public void ThrowIfMissing(EventStreamOptions options, string? endpoint = null)
    {
        if (options.ReauthorizationInterval is null || IsRegistered || (options.OnReauthorize is not null && _scopes is not null)) return;
        var where = endpoint is null ? "" : $" for the endpoint '{endpoint}'";
        throw new InvalidOperationException(
            $"EventStreamOptions.ReauthorizationInterval is set{where}, and the app has no authorization, so there is nothing to check. "
            + "Call builder.Services.AddAuthorization(…), set OnReauthorize, or set the interval to null.");
    }

    private bool FindsFallback()
    {
        using var scope = _scopes!.CreateScope();
        var asking = scope.ServiceProvider.GetService<IAuthorizationPolicyProvider>()?.GetFallbackPolicyAsync();

        // A provider that must wait, or fails, is asked again by each check.
        return asking is not null && (!asking.IsCompletedSuccessfully || asking.Result is not null);
    }
}
