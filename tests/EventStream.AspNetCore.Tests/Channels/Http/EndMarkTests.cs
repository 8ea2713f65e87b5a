using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Runs;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>A client that has read a channel to its end gets 204, unless the channel has another history by now.</summary>
public abstract class EndMarkTests(Kept kept) : ChannelTests(kept)
{
    [Theory(Timeout = 30_000)]
    [InlineData("/news")]
    [InlineData("/result")]
    [InlineData("/subscription")]
    [InlineData("/run")]
    public async Task OfAnotherHistory_BeginsWithItsFirstMessageWithoutAGap(string path)
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news"),
            app =>
            {
                app.MapGet("/result", (EventStreamHub hub) => Results.EventStream(hub.GetChannel("news")));
                app.MapGet("/subscription", () => Results.EventStream("news"));
                app.MapGet("/run", (EventStreamHub hub) => Results.EventStream(() => new DrivenRun(hub, "news")));
            });
        var ids = await app.GetChannel("news").SayManyAsync(2);

        await using var stream = await app.ListenAsync(path, $"{ids[1][..3]}000000-7.end");

        (await stream.CollectAsync(2)).Should().Equal(Event(ids[1], "m1"), Event(ids[2], "m2"));
    }

    [Fact(Timeout = 30_000)]
    public async Task OfAnotherHistory_WhoseFirstMessagesAreEvicted_IsAGap()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news", c => c.Capacity = 2));
        var ids = await app.GetChannel("news").SayManyAsync(4);
        var before = $"{ids[1][..3]}000000-7.end";

        using var stream = await app.OpenAsync("/news", before);

        await stream.ShouldBringAsync(
            $"id: {ids[2]}\n" + Gap("news", "evicted", before, ids[3], ids[4], 2) + Frame(ids[3], "m3") + Frame(ids[4], "m4"));
    }

    [Fact(Timeout = 30_000)]
    public async Task OfThisHistory_204()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news"));
        var ids = await app.GetChannel("news").SayManyAsync(2);
        await app.GetChannel("news").CompleteAsync();

        using var stream = await app.OpenAsync("/news", ids[2] + ".end");

        stream.Response.StatusCode.Should().Be(HttpStatusCode.NoContent);
    }

    [Fact(Timeout = 30_000)]
    public async Task OfSeveralChannels_OneHasAnotherHistory_ThatOneContinues()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("a").AddChannel("b"));
        var a = await app.GetChannel("a").SayManyAsync(1);
        var b = await app.GetChannel("b").SayManyAsync(1);
        await app.GetChannel("a").CompleteAsync();
        var before = $"{b[1][..3]}000000-7";

        await using var stream = await app.ListenAsync("/several?channel=a&channel=b", $"{a[1]},{before}.end");

        (await stream.NextAsync()).Data.Should().Be("m1");
        using var finished = await app.OpenAsync("/several?channel=a&channel=b", $"{a[1]},{b[1]}.end");
        finished.Response.StatusCode.Should().Be(HttpStatusCode.NoContent);
    }

    [Fact(Timeout = 30_000)]
    public async Task OfAnotherHistory_WithoutTheRight_IsRefusedAsAnyRequest()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("staff", c => c.AuthorizationPolicy = "staff"),
            app => app.UseAuthentication().UseAuthorization(),
            services: services =>
            {
                HeaderAuthentication.AddTo(services);
                services.AddAuthorizationBuilder().AddPolicy("staff", policy => policy.RequireRole("staff"));
            });
        var ids = await app.GetChannel("staff").SayManyAsync(1);

        using var stream = await app.OpenAsync("/staff", ids[1][..3] + "000000-7.end");

        stream.Response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    public sealed class InMemory() : EndMarkTests(Kept.InMemory);

    public sealed class InALog() : EndMarkTests(Kept.InALog);

    public sealed class BeyondMemory() : EndMarkTests(Kept.BeyondMemory);
}
