using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Timing;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Authorization;

/// <summary>Stops the app at its start if a channel names a policy that does not exist, or nothing can check rights again.</summary>
/// <remarks>
/// Otherwise the first subscriber would find the mistake. The framework checks the policies of endpoints at each request. A process that
/// only publishes may have no authorization, so its absence alone is no mistake.
/// </remarks>
internal sealed class AuthorizationStartCheck(
    IServiceProvider app, ChannelNames channels, IOptions<EventStreamOptions> streams, IOptionsMonitor<EventStreamChannelOptions> options)
    : IHostedService
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        StreamHost.Of(app).Authorization.ThrowIfMissing(streams.Value);
        await using var scope = app.CreateAsyncScope();
        if (scope.ServiceProvider.GetService<IAuthorizationPolicyProvider>() is not { } policies) return;
        foreach (var channel in channels.All)
        {
            if (options.Get(channel).AuthorizationPolicy is not { } policy) continue;
            if (!await IsMissingAsync(policies, policy, cancellationToken)) continue;
            throw new InvalidOperationException(
                $"The channel '{channel}' has the AuthorizationPolicy '{policy}', and the app has no policy of that name. "
                + $"Add it: builder.Services.AddAuthorizationBuilder().AddPolicy(\"{policy}\", …).");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // A provider of the app may read a store, which may be down at the start. Then its failure says nothing about the name.
    private async Task<bool> IsMissingAsync(IAuthorizationPolicyProvider policies, string policy, CancellationToken cancellationToken)
    {
        try
        {
            var finding = policies.GetPolicyAsync(policy);
            return await finding.ReturnsAsync(StreamHost.Of(app).Time, Limit, TimeSpan.Zero, cancellationToken) && await finding is null;
        }
        catch (Exception)
        {
            return false;
        }
    }
}
