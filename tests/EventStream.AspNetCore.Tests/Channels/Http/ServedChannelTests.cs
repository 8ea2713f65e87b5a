using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>An endpoint that is mapped by a pattern serves that pattern's channels alone: others may have a guard of their own.</summary>
public abstract class ServedChannelTests(Kept kept) : ChannelTests(kept)
{
    [Theory(Timeout = 30_000)]
    [InlineData("/free/board")]
    [InlineData("/FREE/board")]
    [InlineData("/free/%62oard")]
    [InlineData("/free/x-y")]
    [InlineData("/deep/x/y")]
    public async Task Pattern_ChannelOfAnotherDefinition_404(string path)
    {
        await using var app = await StartFreeAsync();
        var ids = new Dictionary<string, string[]>();
        foreach (var name in (string[])["free/board", "free/x-y", "free/x/y"]) ids[name] = await app.GetChannel(name).SayManyAsync(2);

        using var stream = await app.OpenAsync(path);
        stream.Response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        foreach (var known in ids.Values)
        {
            using var resumed = await app.OpenAsync(path, known[1]);
            resumed.Response.StatusCode.Should().Be(HttpStatusCode.NotFound, "a position of it is no key to it");
        }
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/free/Board", "free/Board")]
    [InlineData("/free/board.", "free/board.")]
    [InlineData("/free/board%20", "free/board ")]
    [InlineData("/free/board%2F", "free/board%2F")]
    [InlineData("/free/%E2%80%8Bboard", "free/\u200Bboard")]
    [InlineData("/free/%7Bname%7D", "free/{name}")]
    public async Task Pattern_NameThatOnlyLooksLikeAnotherChannel_IsAChannelOfThePattern(string path, string name)
    {
        await using var app = await StartFreeAsync();
        await app.GetChannel("free/board").SayAsync("for members");
        var id = await app.GetChannel(name).SayAsync("for all");

        using var stream = await app.OpenAsync(path);

        await stream.ShouldBringAsync(Frame(id, "for all"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Pattern_WithOtherWordsOrNarrowerThanTheDefinition_ServesItsChannels()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("orders/{id}", c => c.Start = EventStreamStart.Oldest),
            app =>
            {
                app.MapEventStream("/order/{number}", "orders/{number}");
                app.MapEventStream("/europe/{number}", "orders/eu-{number}");
            });
        var id = await app.GetChannel("orders/eu-1").SayAsync("m");

        foreach (var path in (string[])["/order/eu-1", "/europe/1"])
        {
            using var stream = await app.OpenAsync(path);
            await stream.ShouldBringAsync(Frame(id, "m"));
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Function_NamesAChannel_MayBeAnyOne()
    {
        await using var app = await StartFreeAsync();
        var id = await app.GetChannel("free/board").SayAsync("for members");

        using var stream = await app.OpenAsync("/members/board");

        await stream.ShouldBringAsync(Frame(id, "for members"));
    }

    private Task<TestApp> StartFreeAsync() => StartAsync(
        channels =>
        {
            foreach (var name in (string[])["free/{a}-{b}", "free/{name}", "free/board", "free/{a}/{b}"])
            {
                channels.AddChannel(name, c => (c.Start, c.CreateOnSubscribe) = (EventStreamStart.Oldest, true));
            }
        },
        app =>
        {
            app.MapEventStream("/free/{name}", "free/{name}");
            app.MapEventStream("/deep/{**name}", "free/{name}");
            app.MapEventStream("/members/board", _ => "free/board");
        });

    public sealed class InMemory() : ServedChannelTests(Kept.InMemory);

    public sealed class InALog() : ServedChannelTests(Kept.InALog);

    public sealed class BeyondMemory() : ServedChannelTests(Kept.BeyondMemory);
}
