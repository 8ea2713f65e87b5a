using Microsoft.AspNetCore.Authentication;

/// <summary>What an app turns on that does not trust its clients for as long as a stream lasts.</summary>
internal static class Trust
{
    private const string Policy = "subscribe";

    /// <summary>Lets the app authenticate and authorize each request, without the library.</summary>
    public static void Authenticate(WebApplicationBuilder builder)
    {
        builder.Services.AddAuthentication("Load").AddScheme<AuthenticationSchemeOptions, EveryoneIsAnn>("Load", null);
        builder.Services.AddAuthorizationBuilder().AddFallbackPolicy(Policy, policy => policy.RequireAuthenticatedUser());
    }

    /// <summary>Turns on everything that the library has for it: one line for each.</summary>
    /// <remarks>A new feature belongs here, with its usual values and with limits that the load does not reach.</remarks>
    public static void TurnOn(WebApplicationBuilder builder, EventStreamBuilder streams)
    {
        builder.Services.Configure<EventStreamOptions>(o => o.CloseOnAuthenticationExpiration = true);
        builder.Services.Configure<EventStreamOptions>(o => o.ReauthorizationInterval = TimeSpan.FromMinutes(1));
        streams.AddLimits(o =>
        {
            o.MaxStreams = 1_000_000;
            o.MaxStreamsPerUser = 1_000_000;
            o.MaxStreamsPerAddress = 1_000_000;
            o.MaxSubscribersPerChannel = 1_000_000;
            o.MaxOpensPerSecond = 1_000_000;
        });
        builder.WebHost.UseDeadPeerDetection();
        builder.Services.ConfigureAll<EventStreamChannelOptions>(c => c.AuthorizationPolicy = Policy);
    }

    /// <summary>Turns off what is on by default.</summary>
    public static void TurnOff(WebApplicationBuilder builder) =>
        builder.Services.Configure<EventStreamOptions>(o => o.CloseOnAuthenticationExpiration = false);
}
