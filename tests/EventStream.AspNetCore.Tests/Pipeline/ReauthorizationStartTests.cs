using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>A mistake in what is checked again is an error at the app's start, or before a byte of a stream.</summary>
public sealed class ReauthorizationStartTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    [Fact(Timeout = 30_000)]
    public async Task Channel_NamesAPolicyThatDoesNotExist_AppDoesNotStart()
    {
        var starting = () => StartAsync(services =>
        {
            services.AddAuthorization();
            services.AddEventStreams().AddChannel("prices", c => c.AuthorizationPolicy = "tradres");
        });

        await starting.Should().ThrowAsync<InvalidOperationException>()
            .WithMessage("The channel 'prices' has the AuthorizationPolicy 'tradres', and the app has no policy of that name.*");
    }

    [Fact(Timeout = 30_000)]
    public async Task Channels_WhoseProviderIsDown_AppStarts()
    {
        FailingProvider provider = new(static async () =>
        {
            await Task.Yield();
            throw new InvalidTimeZoneException();
        });
        await using var app = await StartAsync(services => AddChannels(services, provider));

        provider.Asked.Should().Equal("traders", "clerks");
    }

    [Fact(Timeout = 30_000)]
    public async Task Channels_WhoseProviderHangs_AppStartsAfterOneWait()
    {
        FakeTime? time = null;
        FailingProvider provider = new(static () => new TaskCompletionSource<AuthorizationPolicy?>().Task);
        var starting = StartAsync(services =>
        {
            time = (FakeTime)services.Single(service => service.ServiceType == typeof(TimeProvider)).ImplementationInstance!;
            AddChannels(services, provider);
        });
        await Soon.Until(() =>
        {
            time?.Advance(TimeSpan.FromSeconds(1));
            return starting.IsCompleted;
        });
        await using var app = await starting;

        provider.Asked.Should().Equal("traders");
    }

    [Fact(Timeout = 30_000)]
    public async Task Interval_OfTheAppWithoutAuthorization_AppDoesNotStart()
    {
        var starting = () => StartAsync(services => services.AddEventStreams(o => o.ReauthorizationInterval = Interval));

        await starting.Should().ThrowAsync<InvalidOperationException>()
            .WithMessage("EventStreamOptions.ReauthorizationInterval is set, and the app has no authorization,*AddAuthorization*");
    }

    [Fact(Timeout = 30_000)]
    public async Task Interval_OfAnEndpointWithoutAuthorization_AppDoesNotStart()
    {
        var starting = () => TestApp.StartAsync(
            app => app.MapEventStream("/prices", "prices", o => o.ReauthorizationInterval = Interval),
            services => services.AddEventStreams().AddChannel("prices"));

        await starting.Should().ThrowAsync<InvalidOperationException>().WithMessage(
            "EventStreamOptions.ReauthorizationInterval is set for the endpoint '/prices', and the app has no authorization,*");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/without-authorization", "ReauthorizationInterval is set, and the app has no authorization")]
    [InlineData("/half-a-second", "ReauthorizationInterval is 00:00:00.5000000, and must be from 00:00:01 to 1.00:00:00")]
    [InlineData("/two-days-of-grace", "ReauthorizationGrace is 2.00:00:00, and must be from 00:00:00 to 1.00:00:00")]
    public async Task Endpoint_WithAMistake_Is500BeforeAByte(string path, string message)
    {
        await using var app = await StartAsync(services => services.AddEventStreams());

        using var stream = await app.OpenAsync(path);

        stream.Response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await stream.ReadToEndAsync()).Should().BeEmpty();
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle().Which.Exception!.Message.Should().Contain(message);
    }

    [Fact(Timeout = 30_000)]
    public async Task Interval_ShorterThanASecond_AppDoesNotStart()
    {
        var starting = () => StartAsync(services => services.AddEventStreams(o => o.ReauthorizationInterval = TimeSpan.FromSeconds(0.9)));

        await starting.Should().ThrowAsync<OptionsValidationException>().WithMessage("*ReauthorizationInterval*from 00:00:01*");
    }

    private static Task<TestApp> StartAsync(Action<IServiceCollection> services) => TestApp.StartAsync(
        app =>
        {
            Map("/without-authorization", o => o.ReauthorizationInterval = Interval);
            Map("/half-a-second", o => o.ReauthorizationInterval = TimeSpan.FromSeconds(0.5));
            Map("/two-days-of-grace", o => o.ReauthorizationGrace = TimeSpan.FromDays(2));

            void Map(string path, Action<EventStreamOptions> configure) =>
                app.MapGet(path, () => TypedResults.EventStream(new DrivenSource().Messages(), configure));
        },
        services);

    private static void AddChannels(IServiceCollection services, IAuthorizationPolicyProvider provider)
    {
        services.AddAuthorization().AddSingleton(provider);
        services.AddEventStreams()
            .AddChannel("prices", c => c.AuthorizationPolicy = "traders")
            .AddChannel("orders", c => c.AuthorizationPolicy = "traders")
            .AddChannel("accounts", c => c.AuthorizationPolicy = "clerks");
    }

    private sealed class FailingProvider(Func<Task<AuthorizationPolicy?>> find) : IAuthorizationPolicyProvider
    {
        /// <summary>The names that it was asked for, in their order.</summary>
        public List<string> Asked { get; } = [];

        public Task<AuthorizationPolicy> GetDefaultPolicyAsync() => throw new InvalidTimeZoneException();

        public Task<AuthorizationPolicy?> GetFallbackPolicyAsync() => Task.FromResult<AuthorizationPolicy?>(null);

        public Task<AuthorizationPolicy?> GetPolicyAsync(string policyName)
        {
            Asked.Add(policyName);
            return find();
        }
    }
}
