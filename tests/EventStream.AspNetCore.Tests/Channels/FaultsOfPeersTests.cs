using System.Text.Json;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>What was seen to break in other libraries, and so must not here.</summary>
public sealed class FaultsOfPeersTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("{epoch}-1", "evicted", 1)]
    [InlineData("{epoch}-5", "future", null)]
    [InlineData("{epoch}-99999999999999", "future", null)]
    [InlineData("{epoch}--1", "malformed", null)]
    [InlineData("{epoch}-", "malformed", null)]
    [InlineData("{epoch}-1.5", "malformed", null)]
    [InlineData("{epoch}-000000000000001", "malformed", null)]
    [InlineData("{epoch}-2,", "malformed", null)]
    [InlineData("-1", "malformed", null)]
    [InlineData("null", "malformed", null)]
    [InlineData("{tag}000000-2", "restarted", null)]
    [InlineData("{other}-2", "unknown", null)]
    public async Task Resume_WithAPositionOfNoUse_GetsAGapAndGetsTheRetainedMessages(string requested, string reason, int? lost)
    {
        await using var app = await FeedApp.StartAsync(o => o.Capacity = 2);
        for (var n = 1; n <= 4; n++) await app.GetChannel().PublishAsync($"{n}");
        var newest = app.GetChannel().Newest!.Value.ToString();
        var epoch = newest[..^2];
        requested = requested.Replace("{epoch}", epoch).Replace("{tag}", epoch[..3])
            .Replace("{other}", $"{(epoch[0] == 'z' ? 'y' : 'z')}{epoch[1..]}");

        using var stream = await app.OpenAsync(FeedApp.Path, requested);

        await stream.ReadRetryAsync();
        var retained = $"\"oldest\":\"{epoch}-3\",\"newest\":\"{newest}\",\"lost\":{lost?.ToString() ?? "null"}";
        var expected =
            $$"""
            id: {{epoch}}-2
            event: stream-gap
            data: {"channel":"feed","reason":"{{reason}}","requested":"{{requested}}",{{retained}}}

            id: {{epoch}}-3
            data: 3

            id: {{epoch}}-4
            data: 4


            """;
        (await stream.ReadAsync(expected)).Should().Be(expected);
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_WithAnOversizedPosition_GetsAGapWithItsBeginning()
    {
        await using var app = await FeedApp.StartAsync();
        var oversized = new string('9', 8_000);

        using var stream = await app.OpenAsync(FeedApp.Path, oversized);

        await stream.ReadRetryAsync();
        await stream.ReadLineAsync();
        (await stream.ReadLineAsync()).Should().Be("event: stream-gap\n");
        var gap = JsonDocument.Parse((await stream.ReadLineAsync())[6..]).RootElement;
        gap.GetProperty("reason").GetString().Should().Be("malformed");
        gap.GetProperty("requested").GetString().Should().Be(oversized[..128]);
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_WithThePositionOfAnotherUsersChannel_GetsNothingOfThatChannel()
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapEventStream("/users/{id}", "users/{id}"),
            services => services.AddEventStreams()
                .AddChannel("users/{id}", o => (o.CreateOnSubscribe, o.Start) = (true, EventStreamStart.Oldest)));
        var hub = app.App.Services.GetRequiredService<EventStreamHub>();
        var position = (await hub.PublishAsync("users/ann", "hers, 1")).ToString();
        await hub.PublishAsync("users/ann", "hers, 2");
        await hub.PublishAsync("users/bob", "his");
        await hub.GetChannel("users/bob").CompleteAsync();

        using var stream = await app.OpenAsync("/users/bob", position);

        var events = ReferenceParser.Parse(await stream.ReadToEndAsync()).Events;
        events.Select(each => each.Event).Should().Equal("stream-gap", "message", "stream-end");
        events[0].Data.Should().Contain("\"reason\":\"unknown\"").And.NotContain("users/ann");
        events[1].Data.Should().Be("his");
    }

    [Fact(Timeout = 30_000)]
    public async Task Subscribe_WithoutTheRight_IsRefusedBeforeThePositionOrTheChannelIsLookedAt()
    {
        await using var app = await TestApp.StartAsync(
            app =>
            {
                app.UseAuthentication();
                app.MapEventStream("/users/{id}", "users/{id}");
            },
            services =>
            {
                HeaderAuthentication.AddTo(services);
                services.AddAuthorizationBuilder().AddPolicy(
                    "own",
                    policy => policy.RequireAssertion(
                        context => context.Resource is string channel && context.User.IsInRole(channel[6..])));
                services.AddEventStreams().AddChannel("users/{id}", o => (o.CreateOnSubscribe, o.AuthorizationPolicy) = (true, "own"));
            });
        var hub = app.App.Services.GetRequiredService<EventStreamHub>();
        var position = (await hub.PublishAsync("users/ann", "hers")).ToString();

        using var another = await app.OpenAsync("/users/ann", position, request => request.Headers.Add("X-Role", "bob"));
        using var nobody = await app.OpenAsync("/users/cat", position);
        using var herself = await app.OpenAsync("/users/ann", position, request => request.Headers.Add("X-Role", "ann"));

        another.Response.StatusCode.Should().Be(System.Net.HttpStatusCode.Forbidden);
        nobody.Response.StatusCode.Should().Be(System.Net.HttpStatusCode.Unauthorized);
        (await another.ReadToEndAsync()).Should().BeEmpty();
        hub.TryGetChannel("users/cat", out _).Should().BeFalse();
        await herself.ReadRetryAsync();
        (await herself.ReadLineAsync()).Should().Be($"id: {position}\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_OfMoreThanAnyBufferHolds_IsExact()
    {
        const int count = 5_000;
        await using var app = await FeedApp.StartAsync(o => o.Capacity = count);
        var filling = new string('x', 1_000);
        var start = app.GetChannel().Newest!.Value.ToString();
        for (var n = 1; n <= count; n++) await app.GetChannel().PublishAsync($"{n} {filling}");
        await app.GetChannel().CompleteAsync();
        var record = new NumberedRecord();

        await new RawSubscriber(app.Address, FeedApp.Path) { LastEventId = start }.ReadAsync(record.Take).OrFail();

        record.HasEnded.Should().BeTrue();
        record.Last.Should().Be(count);
        record.Lost.Should().Be(0);
    }

    [Fact(Timeout = 30_000)]
    public async Task Subscribers_WhereOneFails_KeepTheirMessagesAndKeepAlives()
    {
        await using var app = await TestApp.StartAsync(
            app =>
            {
                app.MapEventStream("/feed", "feed");
                app.MapEventStream(
                    "/failing",
                    _ => new EventStreamSubscription("feed")
                    {
                        Filter = _ => throw new InvalidOperationException("A fault of one subscription."),
                    });
            },
            services => services.AddEventStreams().AddChannel("feed"));
        using var healthy = await app.OpenAsync("/feed");
        using var failing = await app.OpenAsync("/failing");
        await healthy.ReadRetryAsync();
        await failing.ReadRetryAsync();
        var channel = app.GetChannel();
        var start = $"id: {channel.Newest}\n\n";
        (await healthy.ReadAsync(start)).Should().Be(start);
        (await failing.ReadAsync(start)).Should().Be(start);

        var position = await channel.PublishAsync("still here");

        var frame = $"id: {position}\ndata: still here\n\n";
        (await healthy.ReadAsync(frame)).Should().Be(frame);
        await FluentActions.Awaiting(failing.ReadToEndAsync).Should().ThrowAsync<Exception>("its stream is cut");
        await Soon.Until(() => channel.SubscriberCount == 1);
        var keepAlive = healthy.ReadLineAsync();
        await app.AdvanceUntilAsync(keepAlive, TimeSpan.FromSeconds(5));
        (await keepAlive).Should().Be(":\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_AfterASubscriberHasGone_KeepsNothingForIt()
    {
        await using var app = await FeedApp.StartAsync(o => o.Capacity = 10);
        var channel = app.GetChannel();
        using (var stream = await app.OpenAsync(FeedApp.Path)) await stream.ReadRetryAsync();
        await Soon.Until(() => channel.SubscriberCount == 0);

        for (var n = 1; n <= 100; n++) await channel.PublishAsync("message");

        channel.Count.Should().Be(10);
        channel.Subscribers.Should().BeEmpty();
        channel.Lag.Should().Be(0);
    }
}
