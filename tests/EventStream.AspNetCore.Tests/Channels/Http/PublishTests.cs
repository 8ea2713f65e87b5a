using System.Text.Json;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>What can be published, as it arrives, and what cannot.</summary>
public abstract class PublishTests(Kept kept) : ChannelTests(kept)
{
    public static TheoryData<EventStreamMessage, string> Messages => new()
    {
        { new() { Data = "text" }, "data: text\n\n" },
        { new() { Data = "" }, "data: \n\n" },
        { new() { Data = "two\nlines" }, "data: two\ndata: lines\n\n" },
        { new() { Event = "price", Data = "1" }, "event: price\ndata: 1\n\n" },
        { new() { Event = "price" }, "event: price\n\n" },
        { new() { Data = "1", Retry = TimeSpan.FromSeconds(2) }, "data: 1\nretry: 2000\n\n" },
        { new() { Retry = TimeSpan.FromSeconds(2) }, "retry: 2000\n\n" },
        { EventStreamMessage.Json(new Quote("MSFT", 1)), "data: {\"ticker\":\"MSFT\",\"price\":1}\n\n" },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Messages), DisableDiscoveryEnumeration = true)]
    public async Task Message_Published_ArrivesBehindItsId(EventStreamMessage message, string frame)
    {
        await using var app = await StartNewsAsync();

        var id = (await app.Hub().PublishAsync("news", message)).ToString();
        await app.GetChannel("news").CompleteAsync();

        using var stream = await app.OpenAsync("/news");
        await stream.ShouldEndWithAsync($"id: {id}\n{frame}" + End(id));
    }

    [Fact(Timeout = 30_000)]
    public async Task Message_WithAComment_CommentComesBehindTheIdInTheSameFrame()
    {
        await using var app = await StartNewsAsync();

        var id = (await app.Hub().PublishAsync("news", new EventStreamMessage { Comment = "hi", Data = "1" })).ToString();

        using var stream = await app.OpenAsync("/news");
        await stream.ShouldBringAsync($"id: {id}\n: hi\ndata: 1\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Message_OfACommentAlone_IsAWholeFrame()
    {
        await using var app = await StartNewsAsync();

        var id = (await app.Hub().PublishAsync("news", new EventStreamMessage { Comment = "hi" })).ToString();
        var next = await app.GetChannel("news").SayAsync("next");

        using var stream = await app.OpenAsync("/news");
        await stream.ShouldBringAsync($"id: {id}\n: hi\n\n" + Frame(next, "next"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Value_Published_IsJsonByTheAppsOptionsAndTextAsItIs()
    {
        await using var app = await StartNewsAsync();

        var quote = await app.Hub().PublishAsync("news", new Quote("MSFT", 1.5m));
        var text = await app.Hub().PublishAsync("news", "a \"text\"");
        var bytes = await app.Hub().PublishAsync("news", "bytes"u8.ToArray());
        var number = await app.Hub().PublishAsync("news", 7);
        await app.GetChannel("news").CompleteAsync();

        using var stream = await app.OpenAsync("/news");
        await stream.ShouldEndWithAsync(
            Frame($"{quote}", "{\"ticker\":\"MSFT\",\"price\":1.5}")
            + Frame($"{text}", "a \"text\"")
            + Frame($"{bytes}", "bytes")
            + Frame($"{number}", "7")
            + End($"{number}"));
        quote.Sequence.Should().Be(1);
        number.Sequence.Should().Be(4);
    }

    public static TheoryData<string, EventStreamMessage, string> Refused => new()
    {
        { "news", default, "*empty*" },
        { "news", new() { Id = "1", Data = "a" }, "*sets the ids of its messages*Results.EventStream*" },
        { "news", new() { Id = "", Data = "a" }, "*sets the ids of its messages*Results.EventStream*" },
        { "news", new() { Data = new string('x', 1024) }, "*at most 1024*" },
        { "nothing", new() { Data = "a" }, "*There is no channel 'nothing'*AddChannel(\"nothing\")*" },
        { "a\nb", new() { Data = "a" }, "*control character*" },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public async Task Message_ThatCannotBePublished_IsRefusedAndTakesNoNumber(string channel, EventStreamMessage message, string reason)
    {
        await using var app = await StartNewsAsync();

        (await FluentActions.Awaiting(() => app.Hub().PublishAsync(channel, message).AsTask()).Should().ThrowAsync<ArgumentException>())
            .WithMessage(reason);

        (await app.GetChannel("news").GetNewestAsync()).Sequence.Should().Be(0);
    }

    [Fact(Timeout = 30_000)]
    public async Task Value_ThatCannotBePublished_IsRefused()
    {
        await using var app = await StartNewsAsync();
        var hub = app.Hub();

        await FluentActions.Awaiting(() => hub.PublishAsync<string?>("news", null).AsTask()).Should().ThrowAsync<ArgumentException>()
            .WithMessage("*null text*");
        await FluentActions.Awaiting(() => hub.PublishAsync("news", new Quote(new string('x', 2000), 1)).AsTask())
            .Should().ThrowAsync<ArgumentException>().WithMessage("*MaxBytes*");
        await FluentActions.Awaiting(() => hub.PublishAsync("news", "a", cancellationToken: new(canceled: true)).AsTask())
            .Should().ThrowAsync<OperationCanceledException>();
        (await app.GetChannel("news").GetNewestAsync()).Sequence.Should().Be(0);
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_ToACompletedChannel_IsRefused()
    {
        await using var app = await StartNewsAsync();
        await app.GetChannel("news").CompleteAsync();
        await app.GetChannel("news").CompleteAsync();

        await FluentActions.Awaiting(() => app.GetChannel("news").SayAsync("late")).Should().ThrowAsync<InvalidOperationException>()
            .WithMessage("*complete*");
        app.GetChannel("news").IsCompleted.Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task Endpoint_ThatPublishesAQuote_ArrivesAtOnce()
    {
        await using var app = await StartNewsAsync(
            app => app.MapPost("/quotes", async (Quote quote, EventStreamHub hub) => await hub.PublishAsync("news", quote)));
        using var stream = await app.OpenAsync("/news");
        var position = await stream.ReadPositionAsync();

        using var response = await app.Client.PostAsJsonAsync(
            "/quotes", new Dictionary<string, object> { ["ticker"] = "MSFT", ["price"] = 2 });

        response.EnsureSuccessStatusCode();
        (await stream.ReadLineAsync()).Should().StartWith($"id: {position[..3]}").And.EndWith("-1\n");
        await stream.ShouldBringAsync("data: {\"ticker\":\"MSFT\",\"price\":2}\n\n");
    }

    private Task<TestApp> StartNewsAsync(Action<WebApplication>? map = null) => StartAsync(
        channels => channels.AddChannel("news", c => (c.MaxBytes, c.Start) = (1024, EventStreamStart.Oldest)),
        map,
        services: services => services.ConfigureHttpJsonOptions(o => o.SerializerOptions.PropertyNamingPolicy = new TickerNaming()));

    private sealed record Quote(string Symbol, decimal Price);

    /// <summary>A policy that only this app has.</summary>
    private sealed class TickerNaming : JsonNamingPolicy
    {
        public override string ConvertName(string name) => name == "Symbol" ? "ticker" : CamelCase.ConvertName(name);
    }

    public sealed class InMemory() : PublishTests(Kept.InMemory);

    public sealed class InALog() : PublishTests(Kept.InALog);

    public sealed class BeyondMemory() : PublishTests(Kept.BeyondMemory);
}
