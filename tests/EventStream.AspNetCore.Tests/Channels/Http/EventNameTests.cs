using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>A stream whose messages say from which channel they are, by the names of their events.</summary>
public abstract class EventNameTests(Kept kept) : ChannelTests(kept)
{
    private const string Named = "/named";

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Live_EachMessage_SaysItsChannelAndIsOtherwiseTheSame(bool http2)
    {
        await using var app = await StartLettersAsync(http2: http2);
        var (a0, b0) = ($"{await app.GetChannel("a").GetNewestAsync()}", $"{await app.GetChannel("b").GetNewestAsync()}");
        using var named = await app.OpenAsync(Named);
        using var plain = await app.OpenAsync("/several?channel=a&channel=b");
        var begin = Position($"{a0},{b0}") + Position($"{a0},{b0}");
        foreach (var stream in (StreamReading[])[named, plain]) await stream.ShouldBringAsync(begin);

        var a1 = await app.GetChannel("a").SayAsync("m");
        await named.ShouldBringAsync($"id: {a1},{b0}\nevent: a\ndata: m\n\n");
        await plain.ShouldBringAsync(Frame($"{a1},{b0}", "m"));
        var b1 = (await app.GetChannel("b").PublishAsync(new EventStreamMessage
        {
            Comment = "one\ntwo",
            Event = "price",
            Data = "event: x\n: y",
            Retry = TimeSpan.FromSeconds(1),
        })).ToString();

        await named.ShouldBringAsync($"id: {a1},{b1}\n: one\n: two\nevent: b/price\ndata: event: x\ndata: : y\nretry: 1000\n\n");
        await plain.ShouldBringAsync($"id: {a1},{b1}\n: one\n: two\nevent: price\ndata: event: x\ndata: : y\nretry: 1000\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_PositionOfAStreamWithoutNames_ContinuesWithNamesAndEndsAsEver()
    {
        await using var app = await StartLettersAsync();
        var a = await app.GetChannel("a").SayManyAsync(2);
        var b = await app.GetChannel("b").SayManyAsync(2);

        using var stream = await app.OpenAsync(Named, $"{a[1]},{b[1]}");
        foreach (var name in (string[])["a", "b"]) await app.GetChannel(name).CompleteAsync();

        await stream.ShouldEndWithAsync(
            $"id: {a[2]},{b[1]}\nevent: a\ndata: m2\n\nid: {a[2]},{b[2]}\nevent: b\ndata: m2\n\n" + End($"{a[2]},{b[2]}"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_Gap_KeepsItsEventAndSaysItsChannelInItsData()
    {
        await using var app = await StartLettersAsync(c => c.Capacity = 2);
        var a = await app.GetChannel("a").SayManyAsync(1);
        var b = await app.GetChannel("b").SayManyAsync(5);

        using var stream = await app.OpenAsync(Named, $"{a[1]},{b[1]}");

        await stream.ShouldBringAsync(
            Position($"{a[1]},{b[1]}") + $"id: {a[1]},{b[3]}\n" + Gap("b", "evicted", $"{a[1]},{b[1]}", b[4], b[5], 2)
            + $"id: {a[1]},{b[4]}\nevent: b\ndata: m4\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task OnGap_MessagesOfTheSnapshot_SayTheirChannel()
    {
        await using var app = await StartLettersAsync(c =>
        {
            c.Capacity = 1;
            c.OnGap = (_, _) => ValueTask.FromResult(
                new EventStreamSnapshot([new() { Event = "state", Data = "first" }, new() { Data = new string('x', 40_000) }]));
        });
        var a = await app.GetChannel("a").SayManyAsync(1);
        var b = await app.GetChannel("b").SayManyAsync(3);

        using var stream = await app.OpenAsync(Named, $"{a[1]},{b[1]}");

        await stream.ShouldBringAsync(
            Position($"{a[1]},{b[1]}") + Gap("b", "evicted", $"{a[1]},{b[1]}", b[3], b[3], 1)
            + $"event: b/state\ndata: first\n\nevent: b\ndata: {new string('x', 40_000)}\n\n" + Position($"{a[1]},{b[3]}"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Filter_SeesTheOwnName()
    {
        await using var app = await StartLettersAsync(map: app => app.MapEventStream("/prices", _ => new EventStreamSubscription("a", "b")
        {
            Start = EventStreamStart.Oldest,
            Filter = entry => entry.Event == "price",
            RenameEvent = (channel, _) => channel,
        }));
        await app.GetChannel("a").PublishAsync(new EventStreamMessage { Event = "price", Data = "1" });
        await app.GetChannel("a").SayAsync("not this one");
        await app.GetChannel("a").CompleteAsync();
        await app.GetChannel("b").CompleteAsync();

        using var stream = await app.OpenAsync("/prices");

        // Positions may come first, and in between.
        (await stream.ReadToEndAsync()).Split('\n').Where(line => line.StartsWith("event: ") || line.StartsWith("data: "))
            .Should().Equal("event: a", "data: 1", "event: stream-end", "data: end");
    }

    [Fact(Timeout = 30_000)]
    public async Task OneChannel_LargeMessage_HasTheNewNameAndTheSameData()
    {
        await using var app = await StartLettersAsync(map: app => app.MapGet("/one", (EventStreamHub hub) => TypedResults.EventStream(
            hub.GetChannel("a"),
            new() { Start = EventStreamStart.Oldest, RenameEvent = (_, name) => name == "price" ? "message" : "other" })));
        var text = new string('x', 200_000);
        var first = $"{await app.GetChannel("a").PublishAsync(new EventStreamMessage { Event = "price", Data = text })}";
        var second = await app.GetChannel("a").SayAsync(text);
        await app.GetChannel("a").CompleteAsync();

        using var stream = await app.OpenAsync("/one");

        await stream.ShouldEndWithAsync(Frame(first, text) + $"id: {second}\nevent: other\ndata: {text}\n\n" + End(second));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("error")]
    [InlineData("stream-gap")]
    [InlineData("two\nlines")]
    [InlineData("throws")]
    public async Task NameThatNoMessageCanHave_IsAFaultOfThatStreamAlone(string name)
    {
        await using var app = await StartLettersAsync(map: app => app.MapEventStream("/bad", _ => new EventStreamSubscription("a", "b")
        {
            RenameEvent = (_, _) => name == "throws" ? throw new InvalidTimeZoneException() : name,
        }));
        using var bad = await app.OpenAsync("/bad");
        using var plain = await app.OpenAsync("/a");
        await bad.ReadPositionAsync();
        await plain.ReadPositionAsync();

        var id = await app.GetChannel("a").SayAsync("m");

        await plain.ShouldBringAsync(Frame(id, "m"));
        await FluentActions.Awaiting(bad.ReadToEndAsync).Should().ThrowAsync<IOException>();
        bad.Header("Content-Type").Should().Be("text/event-stream");
    }

    [Fact(Timeout = 30_000)]
    public async Task OwnReservedName_AllowedInItsChannel_IsLeftAsItIs()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("a").AddChannel("b", c => c.Protocol = new() { AllowedEvents = ["error"] }),
            app => app.MapEventStream(
                Named, _ => new EventStreamSubscription("a", "b") { RenameEvent = (channel, name) => name ?? channel }));
        using var stream = await app.OpenAsync(Named);
        await stream.ReadPositionAsync();
        await stream.ReadPositionAsync();

        await app.GetChannel("b").PublishAsync(new EventStreamMessage { Event = "error", Data = "m" });

        await stream.ReadLineAsync();
        await stream.ShouldBringAsync("event: error\ndata: m\n\n");
    }

    private Task<TestApp> StartLettersAsync(
        Action<EventStreamChannelOptions>? b = null, Action<WebApplication>? map = null, bool http2 = false) => StartAsync(
        channels => channels.AddChannel("a").AddChannel("b", b),
        app =>
        {
            map?.Invoke(app);
            app.MapEventStream(Named, _ => new EventStreamSubscription("a", "b")
            {
                RenameEvent = (channel, name) => name is null ? channel : $"{channel}/{name}",
            });
        },
        http2: http2);

    public sealed class InMemory() : EventNameTests(Kept.InMemory);

    public sealed class InALog() : EventNameTests(Kept.InALog);

    public sealed class BeyondMemory() : EventNameTests(Kept.BeyondMemory);
}
