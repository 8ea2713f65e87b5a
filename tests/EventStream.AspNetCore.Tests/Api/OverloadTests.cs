namespace EventStream.AspNetCore.Tests.Api;

/// <summary>Which overload the compiler takes: a wrong one sends the JSON of a whole frame, without any error.</summary>
public sealed class OverloadTests
{
    private static readonly string[] Entrances = ["Results", "TypedResults", "Results.Extensions"];

    private static readonly (string Source, string Result, string Parameter)[] Sources =
    [
        ("Ticks()", "EventStreamResult", "IAsyncEnumerable<EventStreamMessage>"),
        ("Feed", "EventStreamResult", "Func<string?, IAsyncEnumerable<EventStreamMessage>>"),
        ("lastEventId => Feed(lastEventId)", "EventStreamResult", "Func<string?, IAsyncEnumerable<EventStreamMessage>>"),
        ("_ => Ticks()", "EventStreamResult", "Func<string?, IAsyncEnumerable<EventStreamMessage>>"),
        (
            "(string? id) => { if (id is null) return Ticks(); return Feed(id); }",
            "EventStreamResult",
            "Func<string?, IAsyncEnumerable<EventStreamMessage>>"),
        ("SseItems()", "EventStreamResult<Quote>", "IAsyncEnumerable<SseItem<Quote>>"),
        ("SseItems", "EventStreamResult<Quote>", "Func<string?, IAsyncEnumerable<SseItem<Quote>>>"),
        ("lastEventId => SseItems(lastEventId)", "EventStreamResult<Quote>", "Func<string?, IAsyncEnumerable<SseItem<Quote>>>"),
        (
            "id => { if (id is null) return SseItems(); return SseItems(id); }",
            "EventStreamResult<Quote>",
            "Func<string?, IAsyncEnumerable<SseItem<Quote>>>"),
        ("Quotes()", "EventStreamResult<Quote>", "IAsyncEnumerable<Quote>"),
        ("QuotesFrom", "EventStreamResult<Quote>", "Func<string?, IAsyncEnumerable<Quote>>"),
        ("lastEventId => QuotesFrom(lastEventId)", "EventStreamResult<Quote>", "Func<string?, IAsyncEnumerable<Quote>>"),
        ("Lines()", "EventStreamResult<string>", "IAsyncEnumerable<string>"),
        ("_ => Lines()", "EventStreamResult<string>", "Func<string?, IAsyncEnumerable<string>>"),
    ];

    public static TheoryData<string, string, string> EverySourceAtEveryEntrance
    {
        get
        {
            var rows = new TheoryData<string, string, string>();
            foreach (var entrance in Entrances)
            {
                foreach (var (source, result, parameter) in Sources) rows.Add($"{entrance}.EventStream({source})", result, parameter);
            }

            return rows;
        }
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(EverySourceAtEveryEntrance))]
    [InlineData(
        "Results.EventStream(Ticks(), options => options.KeepAliveInterval = null)",
        "EventStreamResult",
        "IAsyncEnumerable<EventStreamMessage>")]
    [InlineData(
        "Results.EventStream(id => Feed(id), options => options.KeepAliveInterval = null)",
        "EventStreamResult",
        "Func<string?, IAsyncEnumerable<EventStreamMessage>>")]
    [InlineData(
        "Results.EventStream(Quotes(), jsonTypeInfo: QuoteJson.Default.Quote)", "EventStreamResult<Quote>", "IAsyncEnumerable<Quote>")]
    [InlineData(
        "Results.EventStream(SseItems(), jsonTypeInfo: QuoteJson.Default.Quote)",
        "EventStreamResult<Quote>",
        "IAsyncEnumerable<SseItem<Quote>>")]
    [InlineData("Results.EventStream<Quote>(SseItems())", "EventStreamResult<Quote>", "IAsyncEnumerable<SseItem<Quote>>")]
    [InlineData("Results.EventStream<Quote>(Quotes())", "EventStreamResult<Quote>", "IAsyncEnumerable<Quote>")]
    [InlineData("new EventStreamResult<Quote>(SseItems())", "EventStreamResult<Quote>", "IAsyncEnumerable<SseItem<Quote>>")]
    [InlineData(
        "new EventStreamResult<Quote>(id => SseItems(id))", "EventStreamResult<Quote>", "Func<string?, IAsyncEnumerable<SseItem<Quote>>>")]
    [InlineData("new EventStreamResult<Quote>(Quotes())", "EventStreamResult<Quote>", "IAsyncEnumerable<Quote>")]
    [InlineData("new EventStreamResult<Quote>(id => QuotesFrom(id))", "EventStreamResult<Quote>", "Func<string?, IAsyncEnumerable<Quote>>")]
    [InlineData("new EventStreamResult(id => Feed(id))", "EventStreamResult", "Func<string?, IAsyncEnumerable<EventStreamMessage>>")]
    public void EventStream_Source_BindsToItsOwnOverload(string code, string result, string parameter)
    {
        var snippet = Snippet.Expression(code);

        snippet.Complaints.Should().BeEmpty();
        snippet.Type.Should().Be(result);
        snippet.FirstParameter.Should().Be(parameter);
    }
}
