using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventStream.Client.Tests.Infrastructure;

namespace EventStream.Client.Tests.Reading;

public sealed class JsonTests
{
    [Fact(Timeout = 30_000)]
    public async Task Json_ByDefault_IsReadAsOnTheWeb()
    {
        var events = await ReadAsync("id: 1\nevent: quote\ndata: {\"symbol\":\"AAA\",\ndata: \"price\":1.5}\n\n");

        events.Should().Equal(new EventStreamClientEvent<Quote> { Event = "quote", Data = new("AAA", 1.5m), LastEventId = "1" });
    }

    [Fact(Timeout = 30_000)]
    public async Task Json_ByOptions_IsReadByThem()
    {
        var events = await ReadAsync(
            "data: {\"SYMBOL\":\"AAA\",\"PRICE\":1.5}\n\n", new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseUpper });

        events.Should().ContainSingle().Which.Data.Should().Be(new Quote("AAA", 1.5m));
    }

    /// <summary>Null and <c>new()</c> could be meant for either overload: that these compile is half of the test.</summary>
    public static TheoryData<Func<HttpClient, IAsyncEnumerable<EventStreamClientEvent<Quote>>>> WithoutJsonOptions => new(
        http => http.ReadEventStreamAsync<Quote>("/"),
        http => http.ReadEventStreamAsync<Quote>("/", null),
        http => http.ReadEventStreamAsync<Quote>("/", null, null),
        http => http.ReadEventStreamAsync<Quote>("/", new() { Reconnect = EventStreamClientReconnect.Never }, default, default),
        http => http.ReadEventStreamAsync<Quote>("/", new(), new(JsonSerializerDefaults.Web)));

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(WithoutJsonOptions), DisableDiscoveryEnumeration = true)]
    public async Task Json_WithoutOptions_IsReadAsOnTheWeb(Func<HttpClient, IAsyncEnumerable<EventStreamClientEvent<Quote>>> read)
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("data: {\"symbol\":\"AAA\",\"price\":1.5}\n\n"));

        (await read(peer.Client).FirstAsync()).Data.Should().Be(new Quote("AAA", 1.5m));
    }

    [Fact(Timeout = 30_000)]
    public async Task Json_Null_IsNull() => (await ReadAsync("data: null\n\n")).Should().ContainSingle().Which.Data.Should().BeNull();

    [Fact(Timeout = 30_000)]
    public async Task Json_LastWordOfACompletedStream_IsTheEnd()
    {
        var events = await ReadAsync("id: x-1\ndata: {\"symbol\":\"AAA\",\"price\":1}\n\nevent: stream-end\nid: x-1.end\ndata: end\n\n");

        events.Should().ContainSingle().Which.Data.Should().Be(new Quote("AAA", 1));
    }

    [Fact(Timeout = 30_000)]
    public async Task Json_LastWordThatIsOfTheType_IsAnEvent() =>
        (await ReadAsync("id: x-1.end\ndata: {\"symbol\":\"SUM\",\"price\":1}\n\n")).Should().ContainSingle()
            .Which.Data.Symbol.Should().Be("SUM");

    [Fact(Timeout = 30_000)]
    public async Task Json_ThatIsNone_FailsWithThePositionBehindIt()
    {
        var failure = (await FluentActions.Awaiting(() => ReadAsync("id: 7\nevent: quote\ndata: [DONE]\n\n"))
            .Should().ThrowAsync<EventStreamClientException>()).Which;

        failure.Message.Should().StartWith(
            "The data of an event 'quote' with the last id '7' is not JSON of EventStream.Client.Tests.Reading.JsonTests+Quote: ")
                .And.EndWith("It begins: [DONE]");
        failure.LastEventId.Should().Be("7");
        failure.InnerException.Should().BeOfType<JsonException>();
    }

    public static TheoryData<Func<HttpClient, object>> WholeEvents => new(
        http => http.ReadEventStreamAsync<EventStreamClientEvent>("/"),
        http => http.ReadEventStreamAsync<EventStreamClientEvent?>("/"),
        http => http.ReadEventStreamAsync<EventStreamClientEvent<Quote>>("/"),
        http => http.ReadEventStreamAsync<SseItem<Quote>>("/"),
        http => http.ReadEventStreamAsync<List<EventStreamClientEvent>>("/"),
        http => http.ReadEventStreamAsync<SseItem<string>[]>("/"),
        http => http.ReadEventStreamAsync("/", JsonTypeInfo.CreateJsonTypeInfo<EventStreamClientEvent>(JsonSerializerOptions.Default)));

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(WholeEvents), DisableDiscoveryEnumeration = true)]
    public async Task Json_OfAWholeEvent_IsRefusedBeforeAnythingIsAsked(Func<HttpClient, object> read)
    {
        using var http = new HttpClient();

        FluentActions.Invoking(() => read(http)).Should().Throw<NotSupportedException>().WithMessage("*Call it without a type*");
    }

    /// <summary>Such as the first event of an MCP server, which gives a position to begin after.</summary>
    [Theory(Timeout = 30_000)]
    [InlineData("id: s1\ndata: \n\n")]
    [InlineData("id: s1\ndata\n\n")]
    [InlineData("id: s1\ndata:\ndata:  \t\n\n")]
    [InlineData("event: ping\nid: s1\ndata:\n\n")]
    public async Task Json_EventWithoutAValue_MovesThePositionAndIsPassedOver(string priming)
    {
        await using var peer = await Peer.StartAsync(
            Peer.Stream(priming), Peer.Stream("id: s2\nretry: 5000\ndata:\n\nid: s3\ndata: {\"symbol\":\"AAA\",\"price\":1}\n\n"));
        List<EventStreamClientRetrying> retries = [];
        List<EventStreamClientEvent<Quote>> events = [];

        await peer.WhileTimePasses(Task.Run(async () =>
        {
            var options = new EventStreamClientOptions { TimeProvider = peer.Time, OnRetrying = retries.Add };
            await foreach (var message in peer.Client.ReadEventStreamAsync<Quote>("/", options, JsonSerializerOptions.Web))
            {
                events.Add(message);
            }
        }));

        events.Should().Equal(new EventStreamClientEvent<Quote> { Data = new("AAA", 1), LastEventId = "s3" });
        peer.Requests.Select(request => request["Last-Event-ID"]).Should().Equal(null, "s1", "s3");
        retries[0].Error.Should().BeNull();
        retries[1].Delay.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(5), "the retry of such an event counts");
    }

    [Fact(Timeout = 30_000)]
    public async Task Text_EventWithoutAValue_IsAnEvent()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("id: s1\ndata: \n\n"));

        (await peer.ReadToEndAsync()).Should().Equal(new EventStreamClientEvent { LastEventId = "s1" });
    }

    private static async Task<List<EventStreamClientEvent<Quote>>> ReadAsync(string stream, JsonSerializerOptions? json = null)
    {
        await using var peer = await Peer.StartAsync(Peer.Stream(stream));
        List<EventStreamClientEvent<Quote>> events = [];
        await foreach (var message in peer.Client.ReadEventStreamAsync<Quote>(
            "/", new() { Reconnect = EventStreamClientReconnect.Never }, json)) events.Add(message);
        return events;
    }

    public sealed record Quote(string Symbol, decimal Price);
}
