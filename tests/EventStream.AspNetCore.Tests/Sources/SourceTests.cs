using System.Net.ServerSentEvents;
using System.Text.Json.Serialization;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Sources;

public sealed partial class SourceTests
{
    [Fact(Timeout = 30_000)]
    public async Task Values_Objects_JsonByTheAppsOptions() => await StreamsAsync(
        TypedResults.EventStream(Of(new Quote("MSFT", 1.5m), null)),
        "data: {\"symbol\":\"MSFT\",\"price\":1.5}\n\ndata: null\n\n",
        "application/json");

    [Fact(Timeout = 30_000)]
    public async Task Values_WithAContractOfTheirOwn_JsonByThat() => await StreamsAsync(
        TypedResults.EventStream(Of(new Quote("MSFT", 1.5m)), jsonTypeInfo: UpperCase.Default.Quote!),
        "data: {\"SYMBOL\":\"MSFT\",\"PRICE\":1.5}\n\n",
        "application/json");

    [Fact(Timeout = 30_000)]
    public async Task Values_OfADerivedType_SerialisedWhole() => await StreamsAsync(
        TypedResults.EventStream(Of<Quote>(new Trade("MSFT", 1.5m, 7))),
        "data: {\"volume\":7,\"symbol\":\"MSFT\",\"price\":1.5}\n\n",
        "application/json");

    [Fact(Timeout = 30_000)]
    public async Task Values_Strings_TextAndNotJson() => await StreamsAsync(
        TypedResults.EventStream(Of("one \"line\"", null, "two\nlines")),
        "data: one \"line\"\n\ndata: two\ndata: lines\n\n",
        mediaType: null);

    [Fact(Timeout = 30_000)]
    public async Task Values_DeclaredAsObject_TextAsItIsAndTheRestAsJsonOfNoStatedType() => await StreamsAsync(
        TypedResults.EventStream(Of<object?>(
            "a \"text\"", new Quote("A", 1), "bytes"u8.ToArray(), new ReadOnlyMemory<byte>("more"u8.ToArray()), 7, null, new[] { "b" })),
        "data: a \"text\"\n\ndata: {\"symbol\":\"A\",\"price\":1}\n\ndata: bytes\n\n" +
        "data: more\n\ndata: 7\n\ndata: null\n\ndata: [\"b\"]\n\n",
        mediaType: null);

    [Fact(Timeout = 30_000)]
    public async Task Values_DeclaredAsAnInterfaceOfStrings_Text() => await StreamsAsync(
        TypedResults.EventStream(Of<IComparable>("a \"text\"", 7)),
        "data: a \"text\"\n\ndata: 7\n\n",
        mediaType: null);

    [Fact(Timeout = 30_000)]
    public async Task Items_OfObjects_TextAsItIs() => await StreamsAsync(
        TypedResults.EventStream(Of(new SseItem<object>("a \"text\"", "said"), new SseItem<object>(new Quote("MSFT", 1.5m)))),
        "event: said\ndata: a \"text\"\n\ndata: {\"symbol\":\"MSFT\",\"price\":1.5}\n\n",
        mediaType: null);

    [Fact(Timeout = 30_000)]
    public async Task Values_Bytes_Text() => await StreamsAsync(
        TypedResults.EventStream(Of<byte[]>("é"u8.ToArray())),
        "data: é\n\n",
        mediaType: null);

    [Fact(Timeout = 30_000)]
    public async Task Items_AllFields_OnTheWire() => await StreamsAsync(
        TypedResults.EventStream(
            Of(new SseItem<Quote>(new("MSFT", 1.5m), "price") { EventId = "7", ReconnectionInterval = TimeSpan.FromSeconds(2) })),
        "id: 7\nevent: price\ndata: {\"symbol\":\"MSFT\",\"price\":1.5}\nretry: 2000\n\n",
        "application/json");

    [Fact(Timeout = 30_000)]
    public async Task Items_OfText_Text() => await StreamsAsync(
        TypedResults.EventStream(Of(new SseItem<string>("plain"))),
        "data: plain\n\n",
        mediaType: null);

    [Fact(Timeout = 30_000)]
    public async Task Messages_WithAnObject_JsonByTheAppsOptions() => await StreamsAsync(
        Results.EventStream(
            Of(EventStreamMessage.Json(new Quote("MSFT", 1.5m)) with { Id = "7", Event = "price" }, default, new() { Data = "text" })),
        "id: 7\nevent: price\ndata: {\"symbol\":\"MSFT\",\"price\":1.5}\n\ndata: text\n\n",
        mediaType: null);

    [Fact(Timeout = 30_000)]
    public async Task DataMediaType_ByOption_IsSent() => await StreamsAsync(
        TypedResults.EventStream(Of(new Quote("MSFT", 1.5m)), o => o.DataMediaType = "application/vnd.quote+json"),
        "data: {\"symbol\":\"MSFT\",\"price\":1.5}\n\n",
        "application/vnd.quote+json");

    [Fact(Timeout = 30_000)]
    public async Task Values_ThatAreFramesAtRunTime_RefusedWithTheOverloadToUse()
    {
        await RefusesAsync(
            TypedResults.EventStream(Of<object>(new EventStreamMessage { Data = "x" })), "IAsyncEnumerable of EventStreamMessage");
        await RefusesAsync(TypedResults.EventStream(Of<object>(new SseItem<int>(1))), "IAsyncEnumerable of SseItem<T>");
        await RefusesAsync(TypedResults.EventStream(Of<object>(Of(new EventStreamMessage { Data = "x" }))), "Results.EventStream");
        await RefusesAsync(TypedResults.EventStream(Of<object>(new[] { new EventStreamMessage { Data = "x" } })), "one by one");
        await RefusesAsync(TypedResults.EventStream(Of<object>(Task.FromResult(1))), "Await it first");
    }

    [Fact(Timeout = 30_000)]
    public async Task Values_ThatWrapFrames_RefusedWithTheOverloadToUse()
    {
        await RefusesAsync(TypedResults.EventStream(Of<EventStreamMessage?>(null, null)), "IAsyncEnumerable of EventStreamMessage");
        await RefusesAsync(TypedResults.EventStream(Of(new List<EventStreamMessage>())), "one by one");
        await RefusesAsync(TypedResults.EventStream(Of(Task.FromResult(new EventStreamMessage { Data = "x" }))), "Await it first");
        await RefusesAsync(TypedResults.EventStream(Of(new List<SseItem<int>>())), "IAsyncEnumerable of SseItem<T>");
        await RefusesAsync(TypedResults.EventStream(Of(new SseItem<List<EventStreamMessage>>([]))), "one by one");
        await RefusesAsync(TypedResults.EventStream(Of(new { Message = new EventStreamMessage { Data = "x" } })), "PublishAsync");
        await RefusesAsync(TypedResults.EventStream(Of(new { Item = (object)new SseItem<int>(1) })), "IAsyncEnumerable of SseItem<T>");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("two words", null, "Id")]
    [InlineData("7.end", null, "Id")]
    [InlineData(null, "error", "Event")]
    [InlineData(null, "a\0b", "Event")]
    public async Task Items_WithAFieldThatBreaksTheRules_AreAFaultThatNamesIt(string? id, string? name, string field) =>
        await RefusesAsync(TypedResults.EventStream(Of(new SseItem<string>("data", name) { EventId = id })), $"'{field}'");

    [Fact(Timeout = 30_000)]
    public async Task Function_ReturnsNull_RefusedWithWhatToReturn() =>
        await RefusesAsync(Results.EventStream(_ => (IAsyncEnumerable<EventStreamMessage>)null!), "Return an empty sequence");

    [Fact]
    public void Source_Null_IsRefused()
    {
        var making = () => Results.EventStream((IAsyncEnumerable<EventStreamMessage>)null!);

        making.Should().Throw<ArgumentNullException>();
    }

    private static async Task StreamsAsync(IResult result, string expected, string? mediaType)
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => result));

        using var stream = await app.OpenAsync("/");

        stream.Header("X-Event-Data-Mimetype").Should().Be(mediaType);
        (await stream.ReadMessagesToEndAsync()).Should().Be(expected);
    }

    private static async Task RefusesAsync(IResult result, string reason)
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => result));

        using var response = await app.Client.GetAsync("/").OrFail();

        ((int)response.StatusCode).Should().Be(500, "the first item is written before the headers leave");
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle().Which.Exception!.Message.Should().Contain(reason);
    }

    private static async IAsyncEnumerable<T> Of<T>(params T[] items)
    {
        foreach (var item in items) yield return item;
        await Task.CompletedTask;
    }

    internal record Quote(string Symbol, decimal Price);

    private sealed record Trade(string Symbol, decimal Price, int Volume) : Quote(Symbol, Price);

    [JsonSerializable(typeof(Quote))]
    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseUpper)]
    private sealed partial class UpperCase : JsonSerializerContext;
}
