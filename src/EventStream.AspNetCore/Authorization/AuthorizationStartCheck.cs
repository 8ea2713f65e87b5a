using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Timing;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Authorization;

/// <summary>Stops the app at its start if a channel or an endpoint of streams names a policy that does not exist.</summary>
/// <remarks>
/// So does the app's <see cref="EventStreamOptions.ReauthorizationInterval"/>, if nothing can check rights. Otherwise the first subscriber
/// would find the mistake. A process that only publishes may have no authorization, so its absence alone is no mistake.
/// </remarks>
internal sealed class AuthorizationStartCheck(
    IServiceProvider app, ChannelNames channels, IOptions<EventStreamOptions> streams, IOptionsMonitor<EventStreamChannelOptions> options)
    : IHostedLifecycleService
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        StreamHost.Of(app).Authorization.ThrowIfMissing(streams.Value);
        return CheckAsync(PoliciesOfChannels(), cancellationToken);
    }

    /// <summary>Checks the endpoints, which exist once the server has started.</summary>
    public Task StartedAsync(CancellationToken cancellationToken) => CheckAsync(PoliciesOfEndpoints(), cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<(string Policy, string NamedBy)> PoliciesOfChannels() =>
        from channel in channels.All
        let policy = options.Get(channel).AuthorizationPolicy
        where policy is not null
        select (policy, $"The channel '{channel}' has the AuthorizationPolicy");

    private IEnumerable<(string Policy, string NamedBy)> PoliciesOfEndpoints() =>
        from endpoint in app.GetService<EndpointDataSource>()?.Endpoints ?? []
        where EventStreamEndpointMetadata.IsOn(endpoint)
        from data in endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>()
        where !string.IsNullOrWhiteSpace(data.Policy)
        select (data.Policy, $"The endpoint '{endpoint.DisplayName}' requires the policy");

    private async Task CheckAsync(IEnumerable<(string Policy, string NamedBy)> named, CancellationToken cancellationToken)
    {
        await using var scope = app.CreateAsyncScope();
        if (scope.ServiceProvider.GetService<IAuthorizationPolicyProvider>() is not { } policies) return;
        foreach (var (policy, namedBy) in named.DistinctBy(static one => one.Policy))
        {
            // A provider of the app may read a store, which may be down at the start. Then its failure says nothing about the name.
            try
            {
                var finding = policies.GetPolicyAsync(policy);

                // It is not asked again, because the start would wait for each name.
                if (!await finding.ReturnsAsync(StreamHost.Of(app).Time, Limit, TimeSpan.Zero, cancellationToken)) return;
                if (await finding is not null) continue;
            }
            catch (Exception)
            {
                continue;
            }

            throw new InvalidOperationException(
                $"{namedBy} '{policy}', and the app has no policy of that name. "
                + $"Add it: builder.Services.AddAuthorizationBuilder().AddPolicy(\"{policy}\", …).");
        }
    }
}
