using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>Who receives a message: by user, sender and filter.</summary>
public abstract class AudienceTests(Kept kept) : ChannelTests(kept)
{
    [Theory(Timeout = 30_000)]
    [InlineData("/news", "ann", "all ann")]
    [InlineData("/news", "ben", "all ben")]
    [InlineData("/news", null, "all")]
    [InlineData("/result", "ann", "all ann")]
    [InlineData("/result", null, "all")]
    [InlineData("/as-ann", "ben", "all ann")]
    [InlineData("/as-ann-filtered", "ben", "all ann")]
    public async Task User_OfAMessage_AloneReceivesIt(string path, string? user, string heard)
    {
        await using var app = await StartNewsAsync(app =>
        {
            app.MapGet("/result", (EventStreamHub hub) => Results.EventStream(hub.GetChannel("news")));
            app.MapEventStream("/as-ann", _ => new EventStreamSubscription("news") { User = "ann" });
            app.MapEventStream("/as-ann-filtered", _ => new EventStreamSubscription("news") { User = "ann", Filter = _ => true });
        });
        using var stream = await app.OpenAsync(path, change: request =>
        {
            if (user is not null) request.Headers.Add("X-User", user);
        });
        await stream.ReadPositionAsync();

        await app.GetChannel("news").SayAsync("all");
        await app.GetChannel("news").SayAsync("ann", new() { User = "ann" });
        await app.GetChannel("news").SayAsync("ben", new() { User = "ben" });
        await app.GetChannel("news").CompleteAsync();

        (await DataAsync(stream)).Should().Be(heard);
    }

    [Fact(Timeout = 30_000)]
    public async Task User_KnownBySubAlone_ReceivesTheirMessages()
    {
        await using var app = await StartNewsAsync();
        using var stream = await app.OpenAsync("/news", change: request => request.Headers.Add("X-Sub", "ann"));
        await stream.ReadPositionAsync();

        await app.GetChannel("news").SayAsync("ben", new() { User = "ben" });
        await app.GetChannel("news").SayAsync("ann", new() { User = "ann" });
        await app.GetChannel("news").CompleteAsync();

        (await DataAsync(stream)).Should().Be("ann");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/several?channel=news&channel=users/ann", "ann")]
    [InlineData("/users/ann", "nobody")]
    public async Task UserOnAllConnections_IsAChannelOfAPattern(string path, string user)
    {
        await using var app = await StartNewsAsync();
        using var first = await app.OpenAsync(path, change: request => request.Headers.Add("X-User", user));
        using var second = await app.OpenAsync(path, change: request => request.Headers.Add("X-User", user));
        await Soon.Until(() => app.GetChannel("users/ann").SubscriberCount == 2);

        await app.Hub().PublishAsync("users/ann", "to you");
        await app.GetChannel("users/ann").CompleteAsync();
        await app.GetChannel("news").CompleteAsync();

        (await DataAsync(first)).Should().Be("to you");
        (await DataAsync(second)).Should().Be("to you");
    }

    [Fact(Timeout = 30_000)]
    public async Task ExceptSender_OwnMessages_AreNotReceived()
    {
        await using var app = await StartNewsAsync(
            app => app.MapEventStream("/mine", _ => new EventStreamSubscription("news") { ExceptSender = "me" }));
        using var mine = await app.OpenAsync("/mine");
        using var everybody = await app.OpenAsync("/news");
        await Soon.Until(() => app.GetChannel("news").SubscriberCount == 2);

        await app.GetChannel("news").SayAsync("mine", new() { Sender = "me" });
        await app.GetChannel("news").SayAsync("theirs", new() { Sender = "ME" });
        await app.GetChannel("news").SayAsync("nobody's");
        await app.GetChannel("news").CompleteAsync();

        (await DataAsync(mine)).Should().Be("theirs nobody's");
        (await DataAsync(everybody)).Should().Be("mine theirs nobody's");
    }

    [Fact(Timeout = 30_000)]
    public async Task Filter_SeesPositionEventAndMetadata()
    {
        List<(long, string?, EventStreamMetadata?)> seen = [];
        await using var app = await StartNewsAsync(app => app.MapEventStream("/odd", _ => new EventStreamSubscription("news")
        {
            Start = EventStreamStart.Oldest,
            Filter = entry =>
            {
                seen.Add((entry.Position.Sequence, entry.Event, entry.Metadata));
                return entry.Metadata?.Tag is "1" || entry.Event is "price";
            },
        }));
        var metadata = new EventStreamMetadata { Tag = "1", Key = "k" };
        await app.Hub().PublishAsync("news", new EventStreamMessage { Event = "price", Data = "one" });
        await app.GetChannel("news").SayAsync("two", metadata);
        await app.GetChannel("news").SayAsync("three");
        await app.GetChannel("news").CompleteAsync();

        using var stream = await app.OpenAsync("/odd");

        (await DataAsync(stream)).Should().Be("one two");
        seen.Should().Equal((1, "price", null), (2, null, metadata), (3, null, null));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(8, 1_000_000, false)]
    [InlineData(1024, 1024, true)]
    public async Task Filter_NothingMatches_PositionMovesOnAndAReconnectIsNoGap(int capacity, long maxBytes, bool inMemory)
    {
        await using var app = await StartNewsAsync(
            app => app.MapEventStream("/none", _ => new EventStreamSubscription("news") { Filter = _ => false }),
            c => (c.Capacity, c.MaxBytes, c.InMemory) = (capacity, maxBytes, inMemory));
        var channel = app.GetChannel("news");
        string last;
        using (var stream = await app.OpenAsync("/none"))
        {
            last = await stream.ReadPositionAsync();
            for (var i = 0; i < 100; i++)
            {
                await channel.SayAsync($"m{i}");
                await Soon.Until(() => channel.Lag == 0);
            }

            await channel.CompleteAsync();
            var read = await stream.ReadMessagesToEndAsync();
            read.Should().MatchRegex(@"\A(id: [0-9a-z-]+\n\n)+id: [0-9a-z-]+\.end\nevent: stream-end\ndata: end\n\n\z");
            last = read.Split('\n').Last(line => line.StartsWith("id: ") && !line.EndsWith(".end"))[4..];
        }

        using var again = await app.OpenAsync("/none", last);

        (await again.ReadToEndAsync()).Should().NotContain("stream-gap");
    }

    [Fact(Timeout = 30_000)]
    public async Task Filter_Throws_IsAFaultOfThatReaderAlone()
    {
        await using var app = await StartNewsAsync(
            app => app.MapEventStream(
                "/broken", _ => new EventStreamSubscription("news") { Filter = _ => throw new InvalidTimeZoneException() }));
        using var broken = await app.OpenAsync("/broken");
        using var healthy = await app.OpenAsync("/news");
        await broken.ReadPositionAsync();
        await healthy.ReadPositionAsync();

        var id = await app.GetChannel("news").SayAsync("m");

        await healthy.ShouldBringAsync(Frame(id, "m"));
        await FluentActions.Awaiting(broken.ReadToEndAsync).Should().ThrowAsync<IOException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Filter_ThrowsAndOnErrorSkips_TheMessageIsPassedOverWithItsPosition()
    {
        await using var app = await StartNewsAsync(
            app => app.MapEventStream(
                "/some",
                _ => new EventStreamSubscription("news")
                {
                    Filter = entry => entry.Position.Sequence != 2 ? true : throw new InvalidTimeZoneException(),
                }),
            options: o => o.OnError = _ => EventStreamErrorAction.Skip);
        using var stream = await app.OpenAsync("/some");
        await stream.ReadPositionAsync();

        var ids = await app.GetChannel("news").SayManyAsync(3);
        await app.GetChannel("news").CompleteAsync();

        await stream.ShouldEndWithAsync(Frame(ids[1], "m1") + Position(ids[2]) + Frame(ids[3], "m3") + End(ids[3]));
    }

    private static async Task<string> DataAsync(StreamReading stream) =>
        string.Join(
            ' ',
            (await stream.ReadToEndAsync()).Split('\n').Where(line => line.StartsWith("data: ") && line != "data: end")
                .Select(line => line[6..]));

    private Task<TestApp> StartNewsAsync(
        Action<WebApplication>? map = null,
        Action<EventStreamChannelOptions>? configure = null,
        Action<EventStreamOptions>? options = null) => StartAsync(
        channels => channels.AddChannel("news", configure).AddChannel("users/{id}", c => c.CreateOnSubscribe = true),
        app =>
        {
            app.UseAuthentication();
            map?.Invoke(app);
        },
        options,
        HeaderAuthentication.AddTo);

    public sealed class InMemory() : AudienceTests(Kept.InMemory);

    public sealed class InALog() : AudienceTests(Kept.InALog);

    public sealed class BeyondMemory() : AudienceTests(Kept.BeyondMemory);
}
