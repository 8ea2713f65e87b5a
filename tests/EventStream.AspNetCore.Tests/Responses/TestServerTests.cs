using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.TestHost;

namespace EventStream.AspNetCore.Tests.Responses;

/// <summary>The in-memory server of users' tests, whose flush does not return when the request is aborted.</summary>
public sealed class TestServerTests
{
    [Fact(Timeout = 30_000)]
    public async Task WriteTimeout_FlushNeverReturns_SubscriberIsNotCountedAndTheHostStops()
    {
        var time = new FakeTime();
        await using var app = await StartAsync(time);
        var channel = app.Services.GetRequiredService<EventStreamHub>().GetChannel("news");
        using var client = app.GetTestClient();
        using var response = await client.GetAsync("/news", HttpCompletionOption.ResponseHeadersRead).OrFail();
        await Soon.Until(() => channel.SubscriberCount == 1);

        // More than the server holds back for a client that does not read.
        await channel.SayAsync(new('x', 4_000_000));
        time.Advance(TimeSpan.FromSeconds(29));
        channel.SubscriberCount.Should().Be(1, "it has still time to read");
        await time.AdvanceUntilAsync(Soon.Until(() => channel.SubscriberCount == 0), TimeSpan.FromMilliseconds(100));

        await time.AdvanceUntilAsync(app.StopAsync(), TimeSpan.FromMilliseconds(100));
    }

    [Fact(Timeout = 30_000)]
    public async Task HostStops_FlushNeverReturns_DoesNotWaitForIt()
    {
        var time = new FakeTime();
        await using var app = await StartAsync(time);
        var channel = app.Services.GetRequiredService<EventStreamHub>().GetChannel("news");
        using var client = app.GetTestClient();
        using var response = await client.GetAsync("/news", HttpCompletionOption.ResponseHeadersRead).OrFail();
        await Soon.Until(() => channel.SubscriberCount == 1);
        await channel.SayAsync(new('x', 4_000_000));

        await app.StopAsync().OrFail();

        await time.AdvanceUntilAsync(Soon.Until(() => channel.SubscriberCount == 0), TimeSpan.FromMilliseconds(100));
    }

    private static async Task<WebApplication> StartAsync(FakeTime time)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseTestServer();
        builder.Services.AddRouting().AddSingleton<TimeProvider>(time);
        builder.Services.AddEventStreams().AddChannel("news");
        var app = builder.Build();
        app.MapEventStream("/news", "news");
        await app.StartAsync();
        return app;
    }
}
