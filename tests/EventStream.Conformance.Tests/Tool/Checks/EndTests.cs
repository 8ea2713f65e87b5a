using EventStream.Conformance.Checks;

namespace EventStream.Conformance.Tests.Tool.Checks;

/// <summary>The checks of ends, and of what only looks like one.</summary>
public sealed class EndTests
{
    private const string Ten = "id: 9\ndata: nine\n\nid: 10\ndata: ten\n\n";

    [Fact(Timeout = 30_000)]
    public async Task CleanEnd_FinalChunk_Passes() =>
        (await Asked.ByAsync(new CleanEnd(), exchange => exchange.StreamAndEndAsync(Ten)))
            .Should().Be(Outcome.Pass("the final chunk, after a whole message"));

    [Fact(Timeout = 30_000)]
    public async Task CleanEnd_HalfAMessage_IsALack() =>
        (await Asked.ByAsync(new CleanEnd(), exchange => exchange.StreamAndEndAsync("data: a\n")))
            .Should().Be(Outcome.Lack("the last message is not followed by a blank line, so clients drop it"));

    [Fact(Timeout = 30_000)]
    public async Task CleanEnd_AByteOrderMarkAlone_IsNoMessageAndNoPartOfOne() =>
        (await Asked.ByAsync(new CleanEnd(), exchange => exchange.StreamAndEndAsync("\uFEFF")))
            .Should().Be(Outcome.Lack("the stream ended before a message came"));

    [Fact(Timeout = 30_000)]
    public async Task CleanEnd_CutBeforeTheFinalChunk_IsALack()
    {
        var outcome = await Asked.ByAsync(new CleanEnd(), async exchange =>
        {
            await exchange.SendAsync(ScriptedExchange.StreamHead);
            await exchange.ChunkAsync(Ten);
        });

        outcome.Should().Be(Outcome.Lack("the connection was cut before the final chunk"));
    }

    [Fact(Timeout = 30_000)]
    public async Task CleanEnd_ByTheConnectionAlone_IsALack() =>
        (await Asked.ByAsync(
            new CleanEnd(), exchange => exchange.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n{Ten}")))
            .Should().Be(Outcome.Lack("the connection was closed, and nothing says whether that was the end"));

    [Fact(Timeout = 30_000)]
    public async Task CleanEnd_Never_IsALack() =>
        (await Asked.ByAsync(new CleanEnd(), exchange => exchange.StreamAsync(Ten), Asked.Patient))
            .Should().Be(Outcome.Lack("it did not end within 3 s"));

    [Fact(Timeout = 30_000)]
    public async Task EndForGood_204ToTheLastId_Passes()
    {
        var outcome = await Asked.ByAsync(new EndForGood(), exchange =>
            exchange.LastEventId == "10" ? exchange.SendAsync("HTTP/1.1 204 No Content\r\n\r\n") : exchange.StreamAndEndAsync(Ten));

        outcome.Should().Be(Outcome.Pass("to Last-Event-ID: 10 it answered 204"));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(Ten, "to Last-Event-ID: 10 it answered 200, and the stream continued with id 9")]
    [InlineData("retry: 5\n", "to Last-Event-ID: 10 it answered 200")]
    public async Task EndForGood_AnotherStream_IsALack(string again, string seen) =>
        (await Asked.ByAsync(new EndForGood(), exchange => exchange.StreamAndEndAsync(exchange.LastEventId is null ? Ten : again)))
            .Should().Be(Outcome.Lack(seen));

    [Fact(Timeout = 30_000)]
    public async Task EndForGood_NoId_IsALack() =>
        (await Asked.ByAsync(new EndForGood(), exchange => exchange.StreamAndEndAsync("data: a\n\n")))
            .Should().Be(Outcome.Lack("it ended without any id, so nothing tells the server that the client has seen the end"));

    [Fact(Timeout = 30_000)]
    public async Task Fault_EndsAsIfItWereFinished_IsALack() =>
        (await Asked.ByAsync(new FaultIsNoEnd(), exchange => exchange.StreamAndEndAsync(Ten)))
            .Should().Be(Outcome.Lack("the message came, then an end as of a stream that is finished"));

    [Fact(Timeout = 30_000)]
    public async Task Fault_LosesTheMessage_IsALack() =>
        (await Asked.ByAsync(new FaultIsNoEnd(), exchange => exchange.SendAsync(ScriptedExchange.StreamHead)))
            .Should().Be(Outcome.Lack("the stream ended before a message came"));
}
