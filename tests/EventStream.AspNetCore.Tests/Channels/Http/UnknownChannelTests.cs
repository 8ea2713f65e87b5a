using System.Net;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>A subscriber of a channel that does not exist.</summary>
public abstract class UnknownChannelTests(Kept kept) : ChannelTests(kept)
{
    [Theory(Timeout = 30_000)]
    [InlineData("/nothing")]
    [InlineData("/orders/1")]
    [InlineData("/several?channel=news&channel=orders/1")]
    public async Task Default_404AndNothingIsMade(string path)
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news").AddChannel("orders/{id}"));

        using var stream = await app.OpenAsync(path);

        stream.Response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await stream.ReadToEndAsync()).Should().BeEmpty();
        app.Hub().TryGetChannel("orders/1", out _).Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task Default_TheAppHoldsAChannelThatWasNeverPublishedTo_404()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("orders/{id}"));
        app.GetChannel("orders/1").Count.Should().Be(0);

        using var stream = await app.OpenAsync("/orders/1");

        stream.Response.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact(Timeout = 30_000)]
    public async Task OnUnknown_Custom_IsTheAnswer()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("orders/{id}", c => c.OnUnknown = (_, name) => Results.Text($"no {name}", statusCode: 410)));

        using var stream = await app.OpenAsync("/orders/1");

        stream.Response.StatusCode.Should().Be(HttpStatusCode.Gone);
        await stream.ShouldEndWithAsync("no orders/1");
    }

    [Fact(Timeout = 30_000)]
    public async Task OnUnknown_RetryLater_BrowserSurvivesItAndFindsTheChannelLater()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("orders/{id}", c =>
            (c.OnUnknown, c.Start) = ((_, _) => TypedResults.EventStreamRetryLater(TimeSpan.FromSeconds(5)), EventStreamStart.Oldest)));

        await using var stream = await app.ListenAsync("/orders/1");
        (await stream.NextRetryAsync()).TotalMilliseconds.Should().BeInRange(5000, 7500);
        await stream.ExpectEndAsync();

        var id = await app.GetChannel("orders/1").SayAsync("first");
        await stream.ReconnectAsync();
        (await stream.NextAsync()).Should().Be(Event(id, "first"));
    }

    [Fact(Timeout = 30_000)]
    public async Task CreateOnSubscribe_FirstToCome_WaitsForTheFirstMessage()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("orders/{id}", c => c.CreateOnSubscribe = true));

        using var stream = await app.OpenAsync("/orders/1");
        var position = await stream.ReadPositionAsync();
        var id = await app.GetChannel("orders/1").SayAsync("first");

        position.Should().EndWith("-0");
        id.Should().EndWith("-1");
        await stream.ShouldBringAsync(Frame(id, "first"));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/news", HttpStatusCode.OK)]
    [InlineData("/orders/1", HttpStatusCode.NotFound)]
    public async Task Head_HasTheStatusOfTheStreamAndNoBody(string path, HttpStatusCode status)
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news").AddChannel("orders/{id}"));

        using var stream = await app.OpenAsync(path, change: request => request.Method = HttpMethod.Head);

        stream.Response.StatusCode.Should().Be(status);
        if (status == HttpStatusCode.OK) stream.Header("Content-Type").Should().Be("text/event-stream");
        (await stream.ReadToEndAsync()).Should().BeEmpty();
        app.GetChannel("news").SubscriberCount.Should().Be(0);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/news")]
    [InlineData("/orders/gone")]
    [InlineData("/nothing")]
    [InlineData("/waiting/1")]
    public async Task EndMark_204BeforeAnyChannelIsLookedFor(string path)
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news").AddChannel("orders/{id}").AddChannel("waiting/{id}", c => c.CreateOnSubscribe = true));

        using var stream = await app.OpenAsync(path, "0123456ab-7.end");

        stream.Response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        app.Hub().Channels.Should().BeEmpty();
    }

    public sealed class InMemory() : UnknownChannelTests(Kept.InMemory);

    public sealed class InALog() : UnknownChannelTests(Kept.InALog);

    public sealed class BeyondMemory() : UnknownChannelTests(Kept.BeyondMemory);
}
