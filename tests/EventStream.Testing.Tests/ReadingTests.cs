using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventStream.Testing.Tests.Infrastructure;

namespace EventStream.Testing.Tests;

public sealed record Price(string Symbol, decimal Value);

[JsonSerializable(typeof(Price))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
public sealed partial class PriceJson : JsonSerializerContext;

/// <summary>What a test reads of a stream, wherever its app runs.</summary>
public sealed class ReadingTests
{
    private readonly DrivenSource _source = new();

    [Theory(Timeout = 30_000)]
    [InlineData(Hosted.InMemory)]
    [InlineData(Hosted.Http1)]
    [InlineData(Hosted.Http2)]
    public async Task NextAsync_EventsAsTheyCome_WithTheirPosition(Hosted hosted)
    {
        await using var app = await StartAsync(hosted: hosted);
        await using var stream = await app.Client.OpenEventStreamAsync("/");

        _source.Send(new() { Id = "7", Event = "price", Data = "one\ntwo" });
        var first = await stream.NextAsync();
        _source.Send(new() { Data = "three" });
        var second = await stream.NextAsync();
        _source.Finish();

        first.Should().Be(new TestEvent("price", "one\ntwo", "7"));
        (first.Id, first.Raw).Should().Be(("7", "id: 7\nevent: price\ndata: one\ndata: two\n\n"));
        second.Should().Be(new TestEvent("message", "three", "7"));
        second.Id.Should().BeNull();
        stream.LastEventId.Should().Be("7");
        await stream.ExpectEndAsync();
        stream.Body.Should().Be("id: 7\nevent: price\ndata: one\ndata: two\n\ndata: three\n\n");
        stream.Response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
    }

    [Fact(Timeout = 30_000)]
    public async Task NextAsync_OfJson_TheObject()
    {
        await using var app = await AppUnderTest.StartAsync(app => app.MapGet("/", () => TypedResults.EventStream(Prices())));
        await using var stream = await app.Client.OpenEventStreamAsync("/");

        (await stream.NextAsync<Price>()).Should().Be(new Price("A", 1.5m));
        (await stream.NextAsync(PriceJson.Default.Price)).Should().Be(new Price("B", 2m));
        (await stream.NextAsync<Price>(null)).Should().Be(new Price("C", 3m));
        (await stream.NextAsync<Price>(JsonSerializerOptions.Default)).Symbol.Should().BeNull("only the web's options ignore the case");

        static async IAsyncEnumerable<Price> Prices()
        {
            yield return new("A", 1.5m);
            yield return new("B", 2m);
            yield return new("C", 3m);
            yield return new("D", 4m);
            await Task.CompletedTask;
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task NextAsync_OfAWholeEvent_IsRefusedAndTheEventIsStillTheNext()
    {
        var prices = new[] { new Price("A", 1) };
        await using var app = await AppUnderTest.StartAsync(
            app => app.MapGet("/", () => TypedResults.EventStream(prices.ToAsyncEnumerable())));
        await using var stream = await app.Client.OpenEventStreamAsync("/");

        await stream.Invoking(it => it.NextAsync<TestEvent>()).Should().ThrowAsync<NotSupportedException>().WithMessage("*NextAsync()*");
        await stream.Invoking(it => it.NextAsync<SseItem<Price>>()).Should().ThrowAsync<NotSupportedException>();

        (await stream.NextAsync<Price>()).Should().Be(new Price("A", 1));
    }

    [Fact(Timeout = 30_000)]
    public async Task NextCommentAsync_AndNextRetryAsync_InTheirOrder()
    {
        await using var app = await StartAsync(o => o.Retry = TimeSpan.FromSeconds(8));
        await using var stream = await app.Client.OpenEventStreamAsync("/", new() { Time = app.Time });
        stream.Retry.Should().Be(TimeSpan.FromSeconds(3), "nothing was read yet");

        (await stream.NextRetryAsync()).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(8));
        stream.Retry.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(8));
        await app.Time.AdvanceAsync(TimeSpan.FromSeconds(15));
        (await stream.NextCommentAsync()).Should().BeEmpty();
        _source.Send(new() { Comment = "first", Retry = TimeSpan.FromSeconds(1), Data = "x" });
        (await stream.NextCommentAsync()).Should().Be(" first");
        (await stream.NextAsync()).Data.Should().Be("x");
        stream.Retry.Should().Be(TimeSpan.FromSeconds(1));
    }

    [Fact(Timeout = 30_000)]
    public async Task Collect_CountUntilAndToEnd_EachWhatIsAskedFor()
    {
        await using var app = await AppUnderTest.StartAsync(app => app.MapGet("/", () => Results.EventStream(Numbered.Messages(1, 10))));
        await using var stream = await app.Client.OpenEventStreamAsync("/");

        var two = await stream.CollectAsync(2);
        var toFive = await stream.CollectUntilAsync(message => message.Id == "5");
        var rest = await stream.CollectToEndAsync();

        two.ShouldBeConsecutive(first: 1, last: 2);
        toFive.ShouldBeConsecutive(first: 3, last: 5);
        rest.ShouldBeConsecutive(first: 6, last: 10);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(Hosted.InMemory)]
    [InlineData(Hosted.Http1)]
    [InlineData(Hosted.Http2)]
    public async Task ExpectCutAsync_SourceThrows_IsNoEnd(Hosted hosted)
    {
        await using var app = await StartAsync(hosted: hosted);
        await using var stream = await app.Client.OpenEventStreamAsync("/", new() { Time = app.Time });
        _source.Send(new() { Data = "x" });
        await stream.NextAsync();

        _source.Throw(new InvalidTimeZoneException());

        // Over HTTP/2 the cut waits for a moment of the clock, so that what was sent before it arrives.
        await app.Time.AdvanceAsync(TimeSpan.FromSeconds(1));
        await stream.ExpectCutAsync();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("data: b")]
    [InlineData("data\n")]
    [InlineData("event:\n")]
    [InlineData("id: a\0b\n")]
    [InlineData("retry: 5")]
    [InlineData("unknown")]
    [InlineData("\u20AC", 2)]
    public async Task End_InsideAnEvent_IsNoCleanEnd(string rest, int cutOff = 0)
    {
        await using var app = await EndingWith(rest, cutOff);
        await using var stream = await app.Client.OpenEventStreamAsync("/");

        var failure = await stream.Invoking(it => it.CollectToEndAsync()).Should().ThrowAsync<EventStreamTestException>();

        failure.Which.Message.Should().StartWith(
            "Expected a clean end, but the stream ended with an unfinished event, which was discarded.\n");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("")]
    [InlineData("retry: 5\r")]
    [InlineData(": bye\n")]
    [InlineData("unknown\n")]
    [InlineData("event: a\n\n")]
    public async Task End_AfterWholeEvents_IsClean(string rest)
    {
        await using var app = await EndingWith(rest);
        await using var stream = await app.Client.OpenEventStreamAsync("/");

        (await stream.CollectToEndAsync()).Should().ContainSingle();
    }

    [Fact(Timeout = 30_000)]
    public async Task ServerSentEvents_OfTheFramework_ReadAsWell()
    {
        await using var app = await AppUnderTest.StartAsync(app => app.MapGet("/", () => TypedResults.ServerSentEvents(Items())));
        await using var stream = await app.Client.OpenEventStreamAsync("/");

        (await stream.NextAsync()).Should().Be(new TestEvent("price", "1", "41"));
        stream.Retry.Should().Be(TimeSpan.FromSeconds(2));
        await stream.ExpectEndAsync();

        static async IAsyncEnumerable<System.Net.ServerSentEvents.SseItem<string>> Items()
        {
            yield return new("1", "price") { EventId = "41", ReconnectionInterval = TimeSpan.FromSeconds(2) };
            await Task.CompletedTask;
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Open_Options_AreWhatTheServerSees()
    {
        await using var app = await AppUnderTest.StartAsync(
            app => app.MapPost("/", async context =>
            {
                var body = await new StreamReader(context.Request.Body).ReadToEndAsync();
                var seen = string.Join(
                    '|',
                    new[] { "Accept", "Cache-Control", "Last-Event-ID", "X-User" }.Select(name => context.Request.Headers[name].ToString())
                        .Append(context.Request.Protocol).Append(body));
                context.Response.StatusCode = 201;
                context.Response.ContentType = "text/event-stream";
                await context.Response.WriteAsync($"data: {seen}\n\n");
            }),
            Hosted.Http2);
        await using var stream = await app.Client.OpenEventStreamAsync("/", new()
        {
            Method = HttpMethod.Post,
            Content = () => new StringContent("body"),
            Headers = { ["X-User"] = "ann", ["accept"] = "*/*" },
            LastEventId = "41",
            HttpVersion = HttpVersion.Version20,
            ExpectedStatus = HttpStatusCode.Created,
        });

        (await stream.NextAsync()).Data.Should().Be("*/*|no-cache|41|ann|HTTP/2|body");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(Hosted.InMemory)]
    [InlineData(Hosted.Http1)]
    [InlineData(Hosted.Http2)]
    public async Task Dispose_OpenStream_TheServerSeesItsClientLeave(Hosted hosted)
    {
        await using var app = await StartAsync(hosted: hosted);
        var stream = await app.Client.OpenEventStreamAsync("/");

        await stream.DisposeAsync();

        await _source.Cancelled.OrFail();
    }

    /// <param name="rest">What follows a whole event.</param>
    /// <param name="cutOff">How many of its bytes are left out at the end.</param>
    private static Task<AppUnderTest> EndingWith(string rest, int cutOff = 0) => AppUnderTest.StartAsync(app => app.MapGet(
        "/",
        async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"data: a\n\n{rest}").AsMemory()[..^cutOff]);
        }));

    private Task<AppUnderTest> StartAsync(Action<EventStreamOptions>? options = null, Hosted hosted = Hosted.InMemory) =>
        AppUnderTest.StartAsync(
            app => app.MapGet("/", () => Results.EventStream(_source.Messages(), options ?? (o => o.Retry = null))),
            hosted);
}
