using EventStream.Client.Tests.Infrastructure;

namespace EventStream.Client.Tests.Reading;

public sealed class EndSentinelTests
{
    private const string Answer = "data: {\"n\":1}\n\ndata: {\"n\":2}\n\ndata: [DONE]\n\n";

    [Fact(Timeout = 30_000)]
    public async Task Sentinel_OfATypedStream_EndsTheReadingAndAsksForNothingMore()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream(Answer), Peer.Stream("data: {\"n\":3}\n\n"));
        List<EventStreamClientClosed> closed = [];
        List<int> numbers = [];

        await foreach (var message in peer.Client.ReadEventStreamAsync("/", NumberContext.Default.Number, Done(closed)))
        {
            numbers.Add(message.Data.N);
        }

        numbers.Should().Equal(1, 2);
        closed.Should().Equal(new EventStreamClientClosed(1, 3, null));
        peer.Requests.Should().ContainSingle("by default a GET comes back after a clean end");
    }

    [Fact(Timeout = 30_000)]
    public async Task Sentinel_OfATextStream_EndsTheReadingAndIsNotHandedOut()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream(Answer));

        var events = await peer.ReadToEndAsync(Done([]));

        events.Select(each => each.Data).Should().Equal("{\"n\":1}", "{\"n\":2}");
        peer.Requests.Should().ContainSingle();
    }

    [Fact(Timeout = 30_000)]
    public async Task Sentinel_OfAServerThatKeepsTheStreamOpen_ClosesTheConnection()
    {
        var left = new TaskCompletionSource();
        await using var peer = await Peer.StartAsync(Peer.Silent(Answer, left));

        (await peer.ReadToEndAsync(Done([]))).Should().HaveCount(2);

        await left.Task.OrFail("the server sees that the client has left");
    }

    [Fact(Timeout = 30_000)]
    public async Task Sentinel_OfAnotherTypeThanThoseThatAreRead_EndsTheReading()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("event: n\ndata: 1\n\ndata: [DONE]\n\n"));
        var options = Done([]);
        options.EventNames = ["n"];

        (await peer.ReadToEndAsync(options)).Should().ContainSingle();

        peer.Requests.Should().ContainSingle();
    }

    [Fact(Timeout = 30_000)]
    public async Task Sentinel_OfSeveral_IsAnyOfThemToTheLetter()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream(
            "data: [DONE].\n\ndata:  [DONE]\n\ndata: [done]\n\ndata: bye\ndata: now €\n\ndata: never\n\n"));

        var events = await peer.ReadToEndAsync(new() { EndSentinels = ["[DONE]", "bye\nnow €"] });

        events.Select(each => each.Data).Should().Equal("[DONE].", " [DONE]", "[done]");
        peer.Requests.Should().ContainSingle();
    }

    [Fact(Timeout = 30_000)]
    public async Task Sentinel_ThatDoesNotCome_LeavesTheEndAsItIs()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("id: 1\ndata: 1\n\n"), Peer.Stream("data: [DONE]\n\n"));

        var events = await peer.ReadToEndAsync(Done([]));

        events.Should().ContainSingle();
        peer.Requests.Select(request => request["Last-Event-ID"]).Should().Equal(null, "1");
    }

    [Fact(Timeout = 30_000)]
    public async Task Sentinel_ThatIsCutOff_IsABreak()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("data: 1\n\ndata: [DONE]\n"));
        var options = Done([]);
        options.Method = HttpMethod.Post;

        await peer.Invoking(each => each.ReadToEndAsync(options)).Should().ThrowAsync<IOException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Sentinels_ChangedAfterTheCall_AreAsTheyWere()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("data: 1\n\ndata: [DONE]\n\n"));
        List<string> sentinels = ["[DONE]"];
        var messages = peer.Read(new() { EndSentinels = sentinels });
        sentinels.Clear();

        (await messages.CountAsync()).Should().Be(1);
    }

    private static EventStreamClientOptions Done(List<EventStreamClientClosed> closed) =>
        new() { EndSentinels = ["[DONE]"], OnClosed = closed.Add };
}
