using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>The end of a channel, with and without subscribers.</summary>
public abstract class CompletionTests(Kept kept) : ChannelTests(kept)
{
    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Complete_ReadersAreWaiting_EachGetsTheEndAndThen204(bool http2)
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news"), http2: http2);
        var readers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => app.OpenAsync("/news")));
        foreach (var reader in readers) await reader.ReadPositionAsync();
        var id = await app.GetChannel("news").SayAsync("last");

        await app.GetChannel("news").CompleteAsync();

        foreach (var reader in readers) await reader.ShouldEndWithAsync(Frame(id, "last") + End(id));
        using var again = await app.OpenAsync("/news", id + ".end");
        again.Response.StatusCode.Should().Be(HttpStatusCode.NoContent);
    }

    [Fact(Timeout = 30_000)]
    public async Task Complete_ResumedBefore_TheRestAndTheEnd()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news"));
        var ids = await app.GetChannel("news").SayManyAsync(3);
        await app.GetChannel("news").CompleteAsync();

        using var middle = await app.OpenAsync("/news", ids[2]);
        using var newest = await app.OpenAsync("/news", ids[3]);
        using var first = await app.OpenAsync("/news");

        await middle.ShouldEndWithAsync(Frame(ids[3], "m3") + End(ids[3]));
        await newest.ShouldEndWithAsync(Position(ids[3]) + End(ids[3]));
        await first.ShouldEndWithAsync(Position(ids[3]) + End(ids[3]));
    }

    [Fact(Timeout = 30_000)]
    public async Task Complete_NothingWasPublished_EndAlone()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news"));
        await app.GetChannel("news").CompleteAsync();
        var position = (await app.GetChannel("news").GetNewestAsync()).ToString();

        using var stream = await app.OpenAsync("/news");

        await stream.ShouldEndWithAsync(Position(position) + End(position));
    }

    [Fact(Timeout = 30_000)]
    public async Task End_OfTheChannelsProtocol_IsItsLastEvent()
    {
        await using var app = await StartAsync(channels =>
            channels.AddChannel("news", c => c.Protocol = new() { End = new("done", _ => "bye") }));
        var id = await app.GetChannel("news").SayAsync("m");
        await app.GetChannel("news").CompleteAsync();

        using var stream = await app.OpenAsync("/news");

        await stream.ShouldEndWithAsync(Position(id) + $"id: {id}.end\nevent: done\ndata: bye\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Idle_CompletedChannelOfAPattern_IsDroppedAndItsPositionsAreOfAnEarlierEpoch()
    {
        await using var app = await StartOrdersAsync();
        var ids = await app.GetChannel("orders/1").SayManyAsync(2);
        await app.GetChannel("orders/1").CompleteAsync();

        app.Time.Advance(TimeSpan.FromSeconds(9));
        app.Hub().TryGetChannel("orders/1", out _).Should().BeTrue("its time is not up");
        app.Time.Advance(TimeSpan.FromSeconds(3));
        app.Hub().TryGetChannel("orders/1", out _).Should().BeFalse();

        using var ended = await app.OpenAsync("/orders/1", ids[2] + ".end");
        ended.Response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        using var another = await app.OpenAsync("/orders/1", app.GetChannel("orders/2").Newest!.Value.ToString());
        another.Response.StatusCode.Should().Be(HttpStatusCode.NotFound, "the position is none of this channel's");
        using var first = await app.OpenAsync("/orders/1");
        first.Response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        app.Hub().TryGetChannel("orders/1", out _).Should().BeFalse();

        using var resumed = await app.OpenAsync("/orders/1", ids[1]);
        var life = app.GetChannel("orders/1").Newest!.Value.ToString();
        await resumed.ShouldBringAsync($"id: {life}\n" + Gap("orders/1", "restarted", ids[1], null, life, null));
    }

    [Fact(Timeout = 30_000)]
    public async Task Idle_DroppedAndMadeAgain_OldPositionIsAGap()
    {
        await using var app = await StartOrdersAsync();
        var before = await app.GetChannel("orders/1").SayManyAsync(2);
        await app.GetChannel("orders/1").CompleteAsync();
        app.Time.Advance(TimeSpan.FromSeconds(20));
        var ids = await app.GetChannel("orders/1").SayManyAsync(1);

        using var stream = await app.OpenAsync("/orders/1", before[1]);

        await stream.ShouldBringAsync(
            $"id: {ids[0]}\n" + Gap("orders/1", "restarted", before[1], ids[1], ids[1], null) + Frame(ids[1], "m1"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Idle_SomethingIsRetained_StaysUntilThatIsTooOld()
    {
        await using var app = await StartOrdersAsync();
        await app.GetChannel("orders/1").SayAsync("m");

        app.Time.Advance(TimeSpan.FromSeconds(59));
        app.Hub().Channels.Should().ContainSingle();
        app.Time.Advance(TimeSpan.FromSeconds(5));

        app.Hub().Channels.Should().BeEmpty("a message lives for a minute, and the channel has been idle longer than its ten seconds");
    }

    [Fact(Timeout = 30_000)]
    public async Task Idle_ASubscriberReadsWhatWasPublished_StaysUntilTenSecondsAfterItLeft()
    {
        await using var app = await StartOrdersAsync(create: true);
        var stream = await app.OpenAsync("/orders/1");
        await stream.ReadPositionAsync();
        await app.GetChannel("orders/1").SayAsync("m");

        app.Time.Advance(TimeSpan.FromHours(1));
        var channel = app.Hub().Channels.Should().ContainSingle().Subject;
        channel.Count.Should().Be(0, "or it would stay for the message");
        stream.Dispose();
        await Soon.Until(() => channel.SubscriberCount == 0);
        app.Time.Advance(TimeSpan.FromSeconds(9));
        app.Hub().Channels.Should().ContainSingle();
        app.Time.Advance(TimeSpan.FromSeconds(3));

        app.Hub().Channels.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Idle_HandlerHoldsTheDroppedChannel_PublishAndReadGoToTheNewOne()
    {
        EventStreamChannel? held = null;
        await using var app = await StartOrdersAsync(app => app.MapGet("/held", () => Results.EventStream(held!)));
        held = app.GetChannel("orders/1");
        app.Time.Advance(TimeSpan.FromSeconds(20));
        app.Hub().Channels.Should().BeEmpty();

        using var stream = await app.OpenAsync("/held");
        var position = await stream.ReadPositionAsync();
        var id = await held.SayAsync("m");

        id.Should().Be(position[..^1] + "1").And.StartWith(app.GetChannel("orders/1").Newest!.Value.ToString()[..9]);
        await stream.ShouldBringAsync(Frame(id, "m"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Idle_NameThatIsNoPattern_StaysForEver()
    {
        await using var app = await StartOrdersAsync();
        var channel = app.GetChannel("news");
        await channel.CompleteAsync();

        app.Time.Advance(TimeSpan.FromDays(1));

        app.GetChannel("news").Should().BeSameAs(channel);
    }

    [Fact(Timeout = 30_000)]
    public async Task MaxAge_OlderMessages_AreNotSent()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news", c => (c.MaxAge, c.Start) = (TimeSpan.FromSeconds(10), EventStreamStart.Oldest)));
        await app.GetChannel("news").SayAsync("old");
        app.Time.Advance(TimeSpan.FromSeconds(6));
        var id = await app.GetChannel("news").SayAsync("young");
        app.Time.Advance(TimeSpan.FromSeconds(6));

        using var stream = await app.OpenAsync("/news");
        await app.GetChannel("news").CompleteAsync();

        await stream.ShouldEndWithAsync(Frame(id, "young") + End(id));
        app.GetChannel("news").Count.Should().Be(1);
    }

    // In memory wherever the others are: what a log has of a channel outlives its life on a node.
    private Task<TestApp> StartOrdersAsync(Action<WebApplication>? map = null, bool create = false) => StartAsync(
        channels => channels
            .AddChannel("news")
            .AddChannel(
                "orders/{id}",
                c =>
                {
                    c.InMemory = true;
                    c.IdleTimeout = TimeSpan.FromSeconds(10);
                    c.MaxAge = TimeSpan.FromMinutes(1);
                    c.CreateOnSubscribe = create;
                }),
        map);

    public sealed class InMemory() : CompletionTests(Kept.InMemory);

    public sealed class InALog() : CompletionTests(Kept.InALog);

    public sealed class BeyondMemory() : CompletionTests(Kept.BeyondMemory);
}
