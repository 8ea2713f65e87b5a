using EventStream.Conformance.Checks;

namespace EventStream.Conformance.Tests.Tool.Checks;

/// <summary>The checks that resume with a position.</summary>
public sealed class PositionTests
{
    [Theory(Timeout = 30_000)]
    [InlineData(2, "Pass", "after n-1 came n-2, n-3, n-4, as before")]
    [InlineData(1, "Lack", "after n-1 it began with n-1 again, where n-2, n-3, n-4 had followed: the position was not read")]
    [InlineData(3, "Lack", "after n-1 came n-3, n-4, n-5, where n-2, n-3, n-4 had followed")]
    public async Task Resume_WhatComesAfterThePosition_IsComparedWithWhatDid(int first, string verdict, string seen)
    {
        var outcome = await Asked.ByAsync(
            new Resume(), exchange => exchange.StreamAsync(Numbers(exchange.LastEventId == "n-1" ? first : 1)));

        outcome.Should().Be(new Outcome(Enum.Parse<Verdict>(verdict), seen));
    }

    [Fact(Timeout = 30_000)]
    public async Task Resume_MessagesWithoutIds_IsALack()
    {
        var outcome = await Asked.ByAsync(new Resume(), exchange => exchange.StreamAsync("data: a\n\ndata: b\n\n"));

        outcome.Should().Be(Outcome.Lack("a message has no id, so there is nothing to resume from"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Gap_EachUnknownPositionGetsAGap_Passes()
    {
        var asked = new System.Collections.Concurrent.ConcurrentBag<string>();

        var outcome = await Asked.ByAsync(new Gap(), exchange =>
        {
            if (exchange.LastEventId is { } position) asked.Add(position);
            return exchange.StreamAsync(exchange.LastEventId is null ? Numbers(1) : "event: reset\ndata: all is lost\n\n");
        });

        outcome.Should().Be(
            Outcome.Pass("one that makes no sense, one that was not given out yet, one of 1000 characters: announced by an event 'reset'"));
        asked.Should().BeEquivalentTo(["no such position!", "n-999999999", new string('x', 1000)]);
    }

    [Fact(Timeout = 30_000)]
    public async Task Gap_AnsweredInThreeWays_EachIsShown()
    {
        var outcome = await Asked.ByAsync(new Gap(), exchange => exchange.LastEventId switch
        {
            null => exchange.StreamAsync(Numbers(1)),
            "n-999999999" => exchange.SendAsync("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"),
            "no such position!" => exchange.StreamAsync(Numbers(8)),
            _ => exchange.StreamAndEndAsync(":\n"),
        });

        outcome.Verdict.Should().Be(Verdict.Lack);
        outcome.Seen.Should().Be(
            "one that makes no sense: ignored, the first event was 'message' with id n-8, as if nothing were missing; "
            + "one that was not given out yet: answered by 410, which ends an EventSource for good; "
            + "one of 1000 characters: no event came within 5 s");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("event: lost\ndata: some\n\n", "Pass", "n-1, 50 messages later: announced by an event 'lost'")]
    [InlineData(
        "id: n-2\ndata: 2\n\n", "Skip", "after 50 messages the first is still kept: give --evicting <url> of a stream that keeps fewer")]
    [InlineData(
        "id: n-90\ndata: 90\n\n",
        "Lack",
        "n-1, 50 messages later: ignored, the first event was 'message' with id n-90, as if nothing were missing")]
    public async Task Evicted_TheFirstPositionIsSentBack_AnswerDecides(string answer, string verdict, string seen)
    {
        var outcome = await Asked.ByAsync(
            new Evicted(), exchange => exchange.StreamAsync(exchange.LastEventId == "n-1" ? answer : Numbers(1)));

        outcome.Should().Be(new Outcome(Enum.Parse<Verdict>(verdict), seen));
    }

    private static string Numbers(int first) =>
        string.Concat(Enumerable.Range(first, 60).Select(number => $"id: n-{number}\ndata: {number}\n\n"));
}
