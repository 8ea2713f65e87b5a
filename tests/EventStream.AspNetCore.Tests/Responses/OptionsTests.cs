using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Tests.Responses;

public sealed class OptionsTests
{
    public static TheoryData<string, Action<EventStreamOptions>> OutOfRange => new()
    {
        { "KeepAliveInterval", o => o.KeepAliveInterval = TimeSpan.FromMilliseconds(99) },
        { "KeepAliveInterval", o => o.KeepAliveInterval = TimeSpan.FromDays(1.1) },
        { "KeepAlive", o => o.KeepAlive = null! },
        { "Retry", o => o.Retry = TimeSpan.Zero },
        { "DrainRetry", o => o.DrainRetry = TimeSpan.FromDays(2) },
        { "DrainTimeout", o => o.DrainTimeout = TimeSpan.FromSeconds(-1) },
        { "DrainTimeout", o => o.DrainTimeout = TimeSpan.FromSeconds(30) },
        { "MaxLifetime", o => o.MaxLifetime = TimeSpan.FromMilliseconds(1) },
        { "WriteTimeout", o => o.WriteTimeout = TimeSpan.Zero },
        { "SourceStopTimeout", o => o.SourceStopTimeout = TimeSpan.FromDays(1) },
        { "EndOfStream", o => o.EndOfStream = new() { Event = "end" } },
        { "EndOfStream", o => o.EndOfStream = new() { Data = "end", Id = "1" } },
        { "EndOfStream", o => o.EndOfStream = new() { Event = "error", Data = "end" } },
        { "Protocol", o => o.Protocol = new() { First = new("open", _ => "") } },
        { "Protocol", o => o.Protocol = new() { AllowedEvents = ["error"], End = new("open", _ => "") } },
        { "Protocol", o => o.Protocol = new() { AllowedEvents = null! } },
        { "LastEventIdQueryParameter", o => o.LastEventIdQueryParameter = "" },
        { "DataMediaType", o => o.DataMediaType = "text/x\r\nSet-Cookie: a=b" },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(OutOfRange), DisableDiscoveryEnumeration = true)]
    public async Task AppOptions_OutOfRange_AppDoesNotStart(string option, Action<EventStreamOptions> configure)
    {
        var starting = async () =>
        {
            await using var app = await TestApp.StartAsync(_ => { }, services => services.AddEventStreams(configure));
        };

        (await starting.Should().ThrowAsync<OptionsValidationException>()).WithMessage($"*EventStreamOptions.{option} *");
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(OutOfRange), DisableDiscoveryEnumeration = true)]
    public async Task ResultOptions_OutOfRange_RequestFailsBeforeAByteIsSent(string option, Action<EventStreamOptions> configure)
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(Silent.Forever(), configure)));

        using var response = await app.Client.GetAsync("/").OrFail();

        ((int)response.StatusCode).Should().Be(500);
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle().Which.Exception!.Message.Should().Contain($"EventStreamOptions.{option} ");
    }

    [Fact(Timeout = 30_000)]
    public async Task ResultOptions_StartFromTheApps_AndLeaveThemAlone()
    {
        await using var app = await TestApp.StartAsync(
            app =>
            {
                app.MapGet(
                    "/changed",
                    () => Results.EventStream(Numbered.Messages(0, 0), o => o.EndOfStream = new() { Event = "end", Data = $"{o.Retry}" }));
                app.MapGet("/plain", () => Results.EventStream(Numbered.Messages(0, 0)));
            },
            services => services.AddEventStreams(o => o.Retry = TimeSpan.FromSeconds(100)));

        using var changed = await app.OpenAsync("/changed");
        (await changed.ReadRetryAsync()).Should().BeInRange(100_000, 150_000);
        (await changed.ReadToEndAsync()).Should().Be("id: .end\nevent: end\ndata: 00:01:40\n\n");

        using var plain = await app.OpenAsync("/plain");
        (await plain.ReadRetryAsync()).Should().BeInRange(100_000, 150_000);
        (await plain.ReadToEndAsync()).Should().BeEmpty();
    }
}
