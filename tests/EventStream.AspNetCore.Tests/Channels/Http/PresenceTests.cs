using System.Collections.Concurrent;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>Who reads a channel now, and who came and left.</summary>
public abstract class PresenceTests(Kept kept) : ChannelTests(kept)
{
    private readonly ConcurrentQueue<string> _seen = new();

    [Fact(Timeout = 30_000)]
    public async Task Subscribers_AreThoseWhoAreConnected()
    {
        await using var app = await StartNewsAsync();
        var channel = app.GetChannel("news");
        channel.SubscriberCount.Should().Be(0);
        channel.Subscribers.Should().BeEmpty();
        app.Time.Advance(TimeSpan.FromMinutes(5));
        var joinedAt = app.Time.GetUtcNow();

        using var ann = await app.OpenAsync("/news", change: request => request.Headers.Add("X-User", "ann"));
        using var nobody = await app.OpenAsync("/news");

        await Soon.Until(() => channel.SubscriberCount == 2);
        channel.Subscribers.Select(subscriber => subscriber.User).Should().BeEquivalentTo("ann", null);
        channel.Subscribers.Should().OnlyContain(subscriber =>
            subscriber.Channel == channel
                && subscriber.Sequence == 0
                && subscriber.Lag == 0
                && subscriber.JoinedAt == joinedAt
                && subscriber.ConnectionId.Length > 0);
        channel.Subscribers.Select(subscriber => subscriber.ConnectionId).Should().OnlyHaveUniqueItems();

        ann.Dispose();
        await Soon.Until(() => channel.SubscriberCount == 1);
        channel.Subscribers.Should().ContainSingle().Which.User.Should().BeNull();
    }

    [Fact(Timeout = 30_000)]
    public async Task Lag_IsThatOfTheSlowest()
    {
        var filter = new BlockingFilter();
        await using var app = await StartNewsAsync(
            app => app.MapEventStream("/blocked", _ => new EventStreamSubscription("news") { Filter = filter.Accepts }));
        var channel = app.GetChannel("news");
        channel.Lag.Should().Be(0, "nobody is behind");
        using var stream = await app.OpenAsync("/blocked");
        await stream.ReadPositionAsync();
        channel.Lag.Should().Be(0);

        await channel.SayAsync("m1");
        await filter.IsBlocking.OrFail();
        for (var i = 2; i <= 5; i++) await channel.SayAsync($"m{i}");

        channel.Lag.Should().BeInRange(4, 5, "the first is being written");
        channel.Subscribers.Single().Lag.Should().Be(channel.Lag);
        filter.GoOn();
        await Soon.Until(() => channel.Lag == 0);
        channel.Subscribers.Single().Sequence.Should().Be(5);
    }

    [Fact(Timeout = 30_000)]
    public async Task Observers_AreCalledForEachThatJoinsAndLeaves()
    {
        await using var app = await StartNewsAsync(configure: Watch);

        using (var stream = await app.OpenAsync("/news", change: request => request.Headers.Add("X-User", "ann")))
        {
            await stream.ReadPositionAsync();
            _seen.Should().Equal("ann joined");
        }

        await Soon.Until(() => _seen.Count == 2);
        _seen.Should().Equal("ann joined", "ann left");
        app.GetChannel("news").SubscriberCount.Should().Be(0, "one that has left is not counted when the observer hears of it");
    }

    [Fact(Timeout = 30_000)]
    public async Task Observers_HeadAndRefusals_AreNoSubscribers()
    {
        await using var app = await StartNewsAsync(configure: Watch);

        using var head = await app.OpenAsync("/news", change: request => request.Method = HttpMethod.Head);
        using var ended = await app.OpenAsync("/news", "x.end");

        _seen.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Observer_Throws_IsLoggedAndTheStreamContinues()
    {
        await using var app = await StartNewsAsync(configure: c =>
        {
            c.OnJoined = _ => throw new InvalidTimeZoneException("joined");
            c.OnLeft = _ => throw new InvalidTimeZoneException("left");
        });

        using (var stream = await app.OpenAsync("/news"))
        {
            await stream.ReadPositionAsync();
            var id = await app.GetChannel("news").SayAsync("m");
            await stream.ShouldBringAsync(Frame(id, "m"));
        }

        await Soon.Until(() => app.Log.AtLeast(LogLevel.Error).Count() == 2);
        app.Log.AtLeast(LogLevel.Error).Should().OnlyContain(entry => entry.Message.Contains("news"))
            .And.Subject.Select(entry => entry.Exception!.Message).Should().Equal("joined", "left");
    }

    private void Watch(EventStreamChannelOptions options)
    {
        options.OnJoined = subscriber => _seen.Enqueue($"{subscriber.User} joined");
        options.OnLeft = subscriber => _seen.Enqueue($"{subscriber.User} left");
    }

    private Task<TestApp> StartNewsAsync(Action<WebApplication>? map = null, Action<EventStreamChannelOptions>? configure = null) =>
        StartAsync(
            channels => channels.AddChannel("news", configure),
            app =>
            {
                app.UseAuthentication();
                map?.Invoke(app);
            },
            services: HeaderAuthentication.AddTo);

    public sealed class InMemory() : PresenceTests(Kept.InMemory);

    public sealed class InALog() : PresenceTests(Kept.InALog);

    public sealed class BeyondMemory() : PresenceTests(Kept.BeyondMemory);
}
