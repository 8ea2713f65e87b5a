using EventStream.AspNetCore.Tests.Channels.Http;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>The options that every log has.</summary>
public sealed class LogOptionsTests
{
    public static TheoryData<string, Action<EventStreamLogOptions>> OutOfRange => new()
    {
        { "PublishWait", o => o.PublishWait = TimeSpan.FromMilliseconds(-1) },
        { "PublishWait", o => o.PublishWait = TimeSpan.FromHours(1.001) },
        { "DisconnectTimeout", o => o.DisconnectTimeout = TimeSpan.FromSeconds(1.9) },
        { "DisconnectTimeout", o => o.DisconnectTimeout = TimeSpan.FromSeconds(10.1) },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(OutOfRange), DisableDiscoveryEnumeration = true)]
    public async Task LogOptions_OutOfRange_AppDoesNotStart(string option, Action<EventStreamLogOptions> configure)
    {
        var starting = () => ChannelApp.StartAsync(channels => channels.AddLog(_ => new SharedLog(), configure));

        (await starting.Should().ThrowAsync<OptionsValidationException>()).WithMessage($"*EventStreamLogOptions.{option} *");
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(OutOfRange), DisableDiscoveryEnumeration = true)]
    public async Task LogOptions_OfAPackageOutOfRange_AppDoesNotStart(string option, Action<EventStreamLogOptions> configure)
    {
        var starting = () => ChannelApp.StartAsync(
            channels => channels.AddLog<OwnOptions>(_ => new SharedLog()), services: services => services.Configure<OwnOptions>(configure));

        (await starting.Should().ThrowAsync<OptionsValidationException>()).WithMessage($"*OwnOptions.{option} *");
    }

    [Fact(Timeout = 30_000)]
    public async Task LogOptions_OfAPackage_AreThoseOfTheNode()
    {
        await using var app = await ChannelApp.StartAsync(
            channels => channels.AddLog<OwnOptions>(_ => new SharedLog()),
            services: services => services.Configure<OwnOptions>(o => o.PublishWait = TimeSpan.FromSeconds(7)));

        app.Hub().Node!.Options.Should().BeOfType<OwnOptions>().Which.PublishWait.Should().Be(TimeSpan.FromSeconds(7));
    }

    private sealed class OwnOptions : EventStreamLogOptions;
}
