using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Logs;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>
/// What proves nothing makes nothing that lasts: only publishing does, and a subscriber that may, for as long as it stays.
/// </summary>
public abstract class UnprovenRequestTests(Kept kept) : ChannelTests(kept)
{
    [Theory(Timeout = 30_000)]
    [InlineData("/waiting/1", null, HttpStatusCode.OK)]
    [InlineData("/waiting/1", "{tag}000000-1", HttpStatusCode.OK)]
    [InlineData("/several?channel=waiting/1&channel=waiting/2", null, HttpStatusCode.OK)]
    [InlineData("/orders/1", null, HttpStatusCode.Gone)]
    [InlineData("/orders/1", "{tag}000000-1", HttpStatusCode.Gone)]
    public async Task Head_ChannelThatDoesNotExist_MakesNone(string path, string? position, HttpStatusCode status)
    {
        await using var app = await StartAsync();

        using var stream = await OpenAsync(app, path, position, HttpMethod.Head);

        stream.Response.StatusCode.Should().Be(status);
        ShouldHaveMadeNothing(app);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/orders/1", "{tag}000000-1")]
    [InlineData("/orders/1", "{tag}000000-0")]
    [InlineData("/orders/1", "{tag}zzzzzz-99999999999999")]
    [InlineData("/orders/1", "{tag}000000-1.0123456789012345678901")]
    [InlineData("/orders/1", "000000000-1,{tag}000000-1")]
    [InlineData("/orders/1", "nonsense")]
    [InlineData("/several?channel=waiting/1&channel=orders/1", "{tag}000000-1")]
    public async Task MadeUpPosition_GoesThroughOnUnknownLikeNone(string path, string position)
    {
        await using var app = await StartAsync();

        using var stream = await OpenAsync(app, path, position);

        stream.Response.StatusCode.Should().Be(HttpStatusCode.Gone);
        ShouldHaveMadeNothing(app);
    }

    [Fact(Timeout = 30_000)]
    public async Task Subscriber_OfAChannelWithoutAPublisher_ItIsThereForAsLongAsItStays()
    {
        await using var app = await StartAsync();
        using var second = await app.OpenAsync("/waiting/1");
        await second.ReadPositionAsync();
        using (var first = await app.OpenAsync("/waiting/1"))
        {
            await first.ReadPositionAsync();
            app.Hub().Channels.Should().ContainSingle().Which.SubscriberCount.Should().Be(2);
        }

        await Soon.Until(() => app.Hub().Channels is [{ SubscriberCount: 1 }]);
        second.Dispose();
        await Soon.Until(() => app.Hub().Channels.Count == 0);
        ShouldHaveMadeNothing(app);
    }

    [Fact(Timeout = 30_000)]
    public async Task EarlierPosition_GetsTheGapAndNothingOutlastsTheStream()
    {
        await using var app = await StartAsync();
        var before = await app.GetChannel("here/1").SayManyAsync(2);
        app.Time.Advance(TimeSpan.FromMinutes(2));
        app.Hub().Channels.Should().BeEmpty();

        using (var resumed = await app.OpenAsync("/here/1", before[1]))
        {
            var id = (await resumed.ReadLineAsync())[4..^1];
            id.Should().EndWith("-0").And.NotStartWith(before[1][..9]);
            await resumed.ShouldBringAsync(Gap("here/1", "restarted", before[1], null, id, null));
        }

        await Soon.Until(() => app.Hub().Channels.Count == 0);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("news")]
    [InlineData("waiting/1")]
    public async Task FirstPosition_IsBeforeTheFirstMessageOfWhateverComes(string name)
    {
        await using var app = await StartAsync();
        string position;
        using (var cut = await app.OpenAsync($"/{name}")) position = await cut.ReadPositionAsync();
        await Soon.Until(() => app.Hub().Channels.All(channel => channel.Name == "news" && channel.SubscriberCount == 0));
        ShouldHaveMadeNothing(app, but: "news");
        app.Time.Advance(TimeSpan.FromHours(2));
        var ids = await app.GetChannel(name).SayManyAsync(3);

        // While the node has not read the log yet, it sends the position again before the messages.
        await using var stream = await app.ListenAsync($"/{name}", position);

        (await stream.CollectAsync(3)).Should().Equal(Event(ids[1], "m1"), Event(ids[2], "m2"), Event(ids[3], "m3"));
    }

    [Fact(Timeout = 30_000)]
    public async Task FirstPosition_SentAgainAndAgain_StillIs()
    {
        await using var app = await StartAsync();
        string? position = null;
        for (var i = 0; i < 3; i++)
        {
            using var cut = await app.OpenAsync("/waiting/1", position);
            var told = await cut.ReadPositionAsync();
            if (position is not null) told.Should().Be(position);
            position = told;
            cut.Dispose();
            await Soon.Until(() => app.Hub().Channels.Count == 0);
        }

        var ids = await app.GetChannel("waiting/1").SayManyAsync(1);
        using var stream = await app.OpenAsync("/waiting/1", position);

        await stream.ShouldBringAsync(Frame(ids[1], "m1"));
    }

    [Fact(Timeout = 30_000)]
    public async Task FirstPosition_AHistoryCameAndWentMeanwhile_IsAGap()
    {
        await using var app = await StartAsync();
        string position;
        using (var cut = await app.OpenAsync("/short/1")) position = await cut.ReadPositionAsync();
        await Soon.Until(() => app.Hub().Channels.Count == 0);
        await app.GetChannel("short/1").SayManyAsync(5);
        app.Time.Advance(TimeSpan.FromMinutes(2));
        app.Hub().Channels.Should().BeEmpty();
        var ids = await app.GetChannel("short/1").SayManyAsync(1);

        using var stream = await app.OpenAsync("/short/1", position);

        await stream.ShouldBringAsync(
            $"id: {ids[0]}\n" + Gap("short/1", "restarted", position, ids[1], ids[1], null) + Frame(ids[1], "m1"));
    }

    [Fact(Timeout = 30_000)]
    public async Task FirstPosition_OfSeveralChannels_EachIsBeforeItsFirstMessage()
    {
        await using var app = await StartAsync();
        const string Path = "/several?channel=waiting/1&channel=news";
        string position;
        using (var cut = await app.OpenAsync(Path))
        {
            // Each channel sends its own position.
            await cut.ReadPositionAsync();
            position = await cut.ReadPositionAsync();
        }

        await Soon.Until(() => app.Hub().Channels.All(channel => channel.SubscriberCount == 0));
        var waiting = await app.GetChannel("waiting/1").SayManyAsync(1);
        using var stream = await app.OpenAsync(Path, position);
        await stream.ShouldBringAsync($"id: {waiting[1]},{position.Split(',')[1]}\ndata: m1\n\n");
        await stream.ReadPositionAsync();

        var news = await app.GetChannel("news").SayManyAsync(1);

        await stream.ShouldBringAsync($"id: {waiting[1]},{news[1]}\ndata: m1\n\n");
    }

    private static string TagOf(string name) => EventStreamPosition.NewEpoch(name)[..3];

    private static Task<StreamReading> OpenAsync(TestApp app, string path, string? position, HttpMethod? method = null) => app.OpenAsync(
        path,
        position?.Replace("{tag}", TagOf(path.Split('=')[^1].TrimStart('/'))),
        request => request.Method = method ?? HttpMethod.Get);

    private static void ShouldHaveMadeNothing(TestApp app, string? but = null)
    {
        app.Hub().Channels.Select(channel => channel.Name).Where(name => name != but).Should().BeEmpty();
        if (app.App.Services.GetService<IEventStreamLog>() is not SharedLog log) return;
        log.Channels.Where(name => name[0] != '$').Should().BeEmpty();
    }

    // The channels here/ and short/ are in memory wherever the others are: what a log has outlives its use on a node.
    private Task<TestApp> StartAsync() => StartAsync(channels => channels
        .AddChannel("news")
        .AddChannel("waiting/{id}", c => c.CreateOnSubscribe = true)
        .AddChannel("short/{id}", c => (c.InMemory, c.CreateOnSubscribe, c.MaxAge) = (true, true, TimeSpan.FromSeconds(30)))
        .AddChannel("here/{id}", c => (c.InMemory, c.MaxAge) = (true, TimeSpan.FromSeconds(30)))
        .AddChannel("orders/{id}", c => c.OnUnknown = (_, _) => Results.StatusCode(410)));

    public sealed class InMemory() : UnprovenRequestTests(Kept.InMemory);

    public sealed class InALog() : UnprovenRequestTests(Kept.InALog);

    public sealed class BeyondMemory() : UnprovenRequestTests(Kept.BeyondMemory);
}
