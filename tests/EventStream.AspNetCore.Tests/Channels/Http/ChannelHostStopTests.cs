using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Runs;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>Channels when the host stops, and readers that have stopped reading.</summary>
public abstract class ChannelHostStopTests(Kept kept) : ChannelTests(kept)
{
    [Theory(Timeout = 30_000)]
    [InlineData("/news", false)]
    [InlineData("/news", true)]
    [InlineData("/deferred", false)]
    [InlineData("/several?channel=news&channel=weather", false)]
    public async Task HostStops_SubscribersAreWaiting_EndAtOnceWithARetryOfTheirOwn(string path, bool http2)
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news").AddChannel("weather"),
            app => app.MapGet("/deferred", (EventStreamHub hub) => Results.EventStream(() => new DrivenRun(hub, "news"))),
            o => o.DrainRetry = TimeSpan.FromSeconds(100),
            http2: http2);
        var readers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => app.OpenAsync(path)));
        foreach (var reader in readers) await reader.ReadPositionAsync();
        if (path.StartsWith("/several"))
        {
            foreach (var reader in readers) await reader.ReadPositionAsync();
        }

        var stopping = app.App.StopAsync();

        List<int> retries = [];
        foreach (var reader in readers)
        {
            retries.Add(await reader.ReadRetryAsync());
            await reader.ShouldEndWithAsync("");
        }

        retries.Should().OnlyContain(retry => retry >= 100_000 && retry <= 150_000).And.Subject.Distinct().Should().HaveCountGreaterThan(5);
        await stopping.OrFail();
        app.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task WriteTimeout_OneReaderIsStalled_ItIsCutAndOthersHaveEveryMessage()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news", c => c.Capacity = 4096), options: o => o.WriteTimeout = TimeSpan.FromSeconds(5));
        var channel = app.GetChannel("news");
        using var stalled = await app.OpenAsync("/news");
        using var healthy = await app.OpenAsync("/news");
        await healthy.ReadPositionAsync();
        var text = new string('x', 64_000);
        await Soon.Until(() => channel.SubscriberCount == 2);

        await Soon.Until(() =>
        {
            var id = channel.SayAsync(text).Result;
            healthy.ShouldBringAsync(Frame(id, text)).Wait();
            return channel.Lag > 20;
        });

        // The healthy one has read everything before the clock moves on, so no write of its own is older than a step.
        await Soon.Until(() =>
        {
            app.Time.Advance(TimeSpan.FromSeconds(1));
            var tick = channel.SayAsync("tick").Result;
            healthy.ShouldBringAsync(Frame(tick, "tick")).Wait();
            return channel.SubscriberCount == 1;
        });

        await FluentActions.Awaiting(stalled.ReadToEndAsync).Should().ThrowAsync<IOException>();
        var last = await channel.SayAsync("still here");
        await healthy.ShouldBringAsync(Frame(last, "still here"));
    }

    public sealed class InMemory() : ChannelHostStopTests(Kept.InMemory);

    public sealed class InALog() : ChannelHostStopTests(Kept.InALog);

    public sealed class BeyondMemory() : ChannelHostStopTests(Kept.BeyondMemory);
}
