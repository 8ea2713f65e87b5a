using EventStream.AspNetCore.Admission;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Tests.Configuration;

/// <summary>The limits on streams, set by code and by the app's configuration.</summary>
public sealed class LimitOptionsTests
{
    [Fact(Timeout = 30_000)]
    public void Configuration_WithoutACallOfAddLimits_SetsTheLimitsAndCodeWins()
    {
        var services = new ServiceCollection();
        services.AddEventStreams(Configured(("Limits:MaxStreams", "100"), ("Limits:MaxOpensPerSecond", "")))
            .AddLimits(o => o.MaxStreamsPerUser = 5);
        using var app = services.BuildServiceProvider();

        var limits = app.GetRequiredService<IOptions<EventStreamLimitOptions>>().Value;

        (limits.MaxStreams, limits.MaxStreamsPerUser, limits.MaxOpensPerSecond).Should().Be((100, 5, null));
        app.GetRequiredService<StreamLimits>().IsOn.Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public void Limits_NoneIsSet_AreOff()
    {
        var services = new ServiceCollection();
        services.AddEventStreams(Configured()).AddLimits();
        using var app = services.BuildServiceProvider();

        app.GetRequiredService<StreamLimits>().IsOn.Should().BeFalse();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("MaxStreams", "0", "EventStreamLimitOptions.MaxStreams is 0, and must be at least 1. Set it to null for no limit.")]
    [InlineData("MaxStreamsPerUser", "-1", "*MaxStreamsPerUser is -1, and must be at least 1.*")]
    [InlineData("MaxOpensPerSecond", "1000001", "*MaxOpensPerSecond is 1000001, and must be from 1 to 1000000.*")]
    [InlineData("MaxStreams", "many", "Limits:MaxStreams: It takes a whole number, and is 'many'.")]
    [InlineData("Streams", "5", "Limits:Streams is no option. There are: MaxStreams, *")]
    public async Task Limit_IsInvalid_AppDoesNotStart(string option, string value, string message)
    {
        var starting = () => TestApp.StartAsync(
            _ => { }, services => services.AddEventStreams(Configured(($"Limits:{option}", value))));

        await starting.Should().ThrowAsync<OptionsValidationException>().WithMessage(message);
    }

    private static IConfiguration Configured(params (string Key, string Value)[] entries) => new ConfigurationBuilder()
        .AddInMemoryCollection(entries.Select(entry => KeyValuePair.Create(entry.Key, (string?)entry.Value)))
        .Build();
}
