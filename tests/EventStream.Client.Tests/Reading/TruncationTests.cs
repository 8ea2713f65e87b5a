using EventStream.Client.Tests.Infrastructure;

namespace EventStream.Client.Tests.Reading;

/// <summary>A body that ends properly, but inside an event. Which bytes stop inside an event is in the conformance table.</summary>
public sealed class TruncationTests
{
    private const string Whole = "id: 1\ndata: 1\n\n";

    [Theory(Timeout = 30_000)]
    [InlineData("data: {\"t\":\"lo wor")]
    [InlineData("data: 2\n")]
    [InlineData("id: 2\n")]
    [InlineData("event: a\n")]
    [InlineData("retry: 50")]
    [InlineData(": bye")]
    public async Task End_InsideAnEvent_IsABreakAndTheNextAttemptAsksForTheEvent(string rest)
    {
        await using var peer = await Peer.StartAsync(Peer.Stream(Whole + rest), Peer.Stream("id: 2\ndata: 2\n\n"));
        List<EventStreamClientClosed> closed = [];
        List<EventStreamClientRetrying> retries = [];

        var events = await peer.ReadToEndAsync(new() { OnClosed = closed.Add, OnRetrying = retries.Add });

        events.Select(each => each.Data).Should().Equal("1", "2");
        peer.Requests.Select(request => request["Last-Event-ID"]).Should().Equal(null, "1", "2");
        IsCut(closed[0].Error);
        retries[0].Error.Should().BeSameAs(closed[0].Error);
        closed[1].Error.Should().BeNull();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("")]
    [InlineData("retry: 5000\n")]
    [InlineData("retry: 5000\r")]
    [InlineData(": bye\n")]
    [InlineData("unknown: 1\n")]
    public async Task End_AfterWholeEvents_IsClean(string rest)
    {
        await using var peer = await Peer.StartAsync(Peer.Stream(Whole + rest));
        List<EventStreamClientClosed> closed = [];

        await peer.ReadToEndAsync(new() { OnClosed = closed.Add });

        closed.Should().Equal(new EventStreamClientClosed(1, 1, null));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task End_InsideAnEventThatCameInPieces_IsABreak(int size)
    {
        await using var peer = await Peer.StartAsync(InPieces(Whole.ReplaceLineEndings("\r\n") + "data: 2\r\n", size));

        await ShouldBeCutAsync(peer, new() { Reconnect = EventStreamClientReconnect.Never });
    }

    [Theory(Timeout = 30_000)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task End_AfterWholeEventsThatCameInPieces_IsClean(int size)
    {
        await using var peer = await Peer.StartAsync(InPieces((Whole + "retry: 5000\n").ReplaceLineEndings("\r\n"), size));

        (await peer.ReadToEndAsync(new() { Reconnect = EventStreamClientReconnect.Never })).Should().ContainSingle();
    }

    [Fact(Timeout = 30_000)]
    public async Task End_InsideAnEventAndNoReconnect_IsThrown()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream(Whole + "data: 2\n"));

        await ShouldBeCutAsync(peer, new() { Reconnect = EventStreamClientReconnect.Never });
    }

    [Fact(Timeout = 30_000)]
    public async Task End_InsideAnEventOfAPostWithoutIds_IsThrown()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("data: {\"t\":\"hel\"}\n\ndata: {\"t\":\"lo wor"));

        await ShouldBeCutAsync(peer, new() { Method = HttpMethod.Post });

        peer.Requests.Should().ContainSingle();
    }

    /// <summary>The id of the unfinished event is no position yet, so a POST is not sent again for it.</summary>
    [Fact(Timeout = 30_000)]
    public async Task End_InsideTheFirstEventWithAnIdOfAPost_IsThrown()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("id: 1\ndata: a\n"));

        await ShouldBeCutAsync(peer, new() { Method = HttpMethod.Post });

        peer.Requests.Should().ContainSingle();
    }

    [Fact(Timeout = 30_000)]
    public async Task End_InsideAnEventOfAPostWithIds_AsksAgain()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream(Whole + "id: 2\ndata: 2"), Peer.Stream("id: 2\ndata: 2\n\n"));

        var events = await peer.ReadToEndAsync(new() { Method = HttpMethod.Post });

        events.Select(each => each.Data).Should().Equal("1", "2");
        peer.Requests.Select(request => request["Last-Event-ID"]).Should().Equal(null, "1", "2");
    }

    [Fact(Timeout = 30_000)]
    public async Task End_InsideAnEventOfATypedStream_IsThrown()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("data: {\"n\":1}\n\ndata: {\"n\":2}\n"));
        List<GapTests.Number> numbers = [];

        var reading = async () =>
        {
            var options = new EventStreamClientOptions { Reconnect = EventStreamClientReconnect.Never };
            await foreach (var message in peer.Client.ReadEventStreamAsync("/", NumberContext.Default.Number, options))
            {
                numbers.Add(message.Data);
            }
        };

        IsCut((await reading.Should().ThrowAsync<IOException>()).Which);
        numbers.Should().Equal(new GapTests.Number(1));
    }

    [Fact(Timeout = 30_000)]
    public async Task End_InsideAnEventEachTime_IsThrownAfterMaxAttempts()
    {
        await using var peer = await Peer.StartAsync([.. Enumerable.Repeat(Peer.Stream("data: 1\n"), 3)]);

        await ShouldBeCutAsync(peer, new() { MaxAttempts = 3, ReconnectDelay = TimeSpan.FromSeconds(0.25) });

        peer.Requests.Should().HaveCount(3);
    }

    private static async Task ShouldBeCutAsync(Peer peer, EventStreamClientOptions options) =>
        IsCut((await peer.Invoking(each => each.ReadToEndAsync(options)).Should().ThrowAsync<IOException>()).Which);

    private static void IsCut(Exception? error)
    {
        var cut = error.Should().BeOfType<HttpIOException>().Subject;
        cut.HttpRequestError.Should().Be(HttpRequestError.ResponseEnded);
        cut.Message.Should().Be(
            "The response ended inside an event: its last line, or the blank line after the event, is missing. (ResponseEnded)");
    }

    private static Func<HttpContext, Task> InPieces(string text, int size) => async context =>
    {
        foreach (var piece in text.Chunk(size)) await Peer.SendAsync(context, new(piece));
    };
}
