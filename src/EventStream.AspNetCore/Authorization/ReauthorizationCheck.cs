using System.Security.Claims;
using EventStream.AspNetCore.Timing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.Extensions.DependencyInjection;

namespace EventStream.AspNetCore.Authorization;

/// <summary>One check of a stream's rights: a task of its own, with a scope of services of its own.</summary>
/// <param name="owner">The stream's checks, which its decision goes to.</param>
/// <param name="app">The app's authorization.</param>
/// <param name="reload"><see cref="EventStreamOptions.OnReauthorize"/>.</param>
/// <param name="began">The tick at which it began.</param>
internal sealed class ReauthorizationCheck(
    Reauthorization owner,
    AppAuthorization app,
    Func<HttpContext, CancellationToken, ValueTask<ClaimsPrincipal?>>? reload,
    long began)
{
    // Not disposed of, because abandoned code may still use the token. It has no timer and no link, so it needs no disposal.
    private readonly CancellationTokenSource _stop = new();

    public long Began => began;

    /// <summary>Whether it has decided, or has failed. Under the lock of its owner.</summary>
    public bool IsOver { get; set; }

    /// <summary>Runs the check to its end. It never throws.</summary>
    public async Task RunAsync()
    {
        try
        {
            await using var scope = app.CreateScope();
            if (owner.CopyRequest(scope.ServiceProvider, _stop.Token) is not { } context) return;

            // The caller suppressed the flow of its own value, so this does not clear the accessor of another request.
            if (scope.ServiceProvider.GetService<IHttpContextAccessor>() is { } accessor) accessor.HttpContext = context;

            // Before the scope is disposed of, which may take long.
            owner.Decide(this, await AskAsync(context));
        }
        catch (Exception exception)
        {
            owner.Fail(this, exception);
        }
        finally
        {
            owner.Returned(this);
        }
    }

    /// <summary>Tells the app's code to return. The cancellation runs on the thread pool, because callbacks may block.</summary>
    public void Cancel() => _stop.CancelAsync().Abandon();

    /// <summary>Gets the user if the user may still read the stream; null if not.</summary>
    private async Task<ClaimsPrincipal?> AskAsync(HttpContext context)
    {
        if (reload is not null)
        {
            if (await reload(context, _stop.Token) is not { } reloaded) return null;
            context.User = reloaded;
        }

        var user = context.User;
        var services = context.RequestServices;
        if (owner.HasEndpointPolicy)
        {
            var policy = await EndpointPolicy.OfAsync(context.GetEndpoint()!, services.GetRequiredService<IAuthorizationPolicyProvider>());
            if (policy is not null && !await AllowsAsync(policy, context)) return null;
        }

        foreach (var channel in owner.Channels)
        {
            if (!await channel.AllowsAsync(services, user)) return null;
        }

        return user;
    }

    // By the evaluator, which the app may have replaced, because the authorization middleware asks it too.
    private static async Task<bool> AllowsAsync(AuthorizationPolicy policy, HttpContext context)
    {
        var evaluator = context.RequestServices.GetRequiredService<IPolicyEvaluator>();
        var authenticated = AuthenticateResult.Success(new(context.User, authenticationScheme: ""));
        return (await evaluator.AuthorizeAsync(policy, authenticated, context, resource: context)).Succeeded;
    }
}
