using EventStream.Client.Tests.Infrastructure;

namespace EventStream.Client.Tests.Reading;

public sealed class ReconnectTests
{
    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_CleanEnd_AsksAgainFromItsPositionUntil204(bool http2)
    {
        await using var peer = await Peer.StartAsync(
            http2,
            Peer.Stream("id: 1\ndata: a\n\n"),
            Peer.Stream("data: b\n\nid: 3\ndata: c\n\n"),
            Peer.Stream(""));

        var events = await peer.ReadToEndAsync();

        events.Should().Equal(
            new EventStreamClientEvent { Data = "a", LastEventId = "1" },
            new EventStreamClientEvent { Data = "b", LastEventId = "1" },
            new EventStreamClientEvent { Data = "c", LastEventId = "3" });
        peer.Requests.Select(request => request["Last-Event-ID"]).Should().Equal(null, "1", "3", "3");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_CutInTheMiddleOfAnEvent_LeavesItOutAndAsksForIt(bool http2)
    {
        var received = new TaskCompletionSource();
        await using var peer = await Peer.StartAsync(
            http2, Peer.Cut("id: 1\ndata: a\n\nid: 2\ndata: hal", received.Task), Peer.Stream("id: 2\ndata: whole\n\n"));

        var events = await peer.ReadToEndAsync(received: received);

        events.Select(each => each.Data).Should().Equal("a", "whole");
        peer.Requests.Select(request => request["Last-Event-ID"]).Should().Equal(null, "1", "2");
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_EmptyId_TakesThePositionBack()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("id: 1\ndata: a\n\nid:\ndata: b\n\n"));

        var events = await peer.ReadToEndAsync();

        events.Select(each => each.LastEventId).Should().Equal("1", "");
        peer.Requests.Select(request => request["Last-Event-ID"]).Should().Equal(null, null);
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_IdWithoutData_IsThePosition()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("id: 7\n\n"));

        (await peer.ReadToEndAsync()).Should().BeEmpty();

        peer.Requests[1]["Last-Event-ID"].Should().Be("7");
    }

    [Fact(Timeout = 30_000)]
    public async Task EventTypes_Others_ArePassedOverButTheirIdsCount()
    {
        await using var peer = await Peer.StartAsync(
            Peer.Stream("id: 1\ndata: a\n\nid: 2\nevent: ping\ndata:\n\nevent: stream-gap\ndata: {}\n\n"));

        var events = await peer.ReadToEndAsync(new() { EventNames = ["message"] });

        events.Select(each => each.Event).Should().Equal("message", "stream-gap");
        peer.Requests[1]["Last-Event-ID"].Should().Be("2");
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_FirstPosition_IsSentAndKept()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("data: a\n\n"));

        var events = await peer.ReadToEndAsync(new() { LastEventId = "41" });

        events.Should().Equal(new EventStreamClientEvent { Data = "a", LastEventId = "41" });
        peer.Requests.Select(request => request["Last-Event-ID"]).Should().Equal("41", "41");
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_EachEnumeration_IsAReadingOfItsOwn()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("id: 1\ndata: a\n\n"));
        var messages = peer.Read();
        peer.Requests.Should().BeEmpty("nothing is asked before the first step");

        await using (var first = messages.GetAsyncEnumerator())
        {
            (await first.MoveNextAsync()).Should().BeTrue();
        }

        await using (var second = messages.GetAsyncEnumerator())
        {
            (await second.MoveNextAsync()).Should().BeFalse();
        }

        peer.Requests.Select(request => request["Last-Event-ID"]).Should().Equal(null, null);
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_NoServerListens_TriesUntilOneDoes()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("data: a\n\n"));
        var refusals = 3;
        using var client = new HttpClient(new Refusing(new SocketsHttpHandler { UseProxy = false }, () => refusals-- > 0))
        {
            BaseAddress = peer.Client.BaseAddress,
        };
        List<EventStreamClientRetrying> retries = [];
        List<string> data = [];

        await peer.WhileTimePasses(Task.Run(async () =>
        {
            await foreach (var message in client.ReadEventStreamAsync("/", new() { TimeProvider = peer.Time, OnRetrying = retries.Add }))
            {
                data.Add(message.Data);
            }
        }));

        data.Should().Equal("a");
        retries.Select(retry => retry.Attempt).Should().Equal(2, 3, 4, 1);
        retries.Take(3).Should().OnlyContain(retry => retry.Error is HttpRequestException);
    }

    private sealed class Refusing(HttpMessageHandler inner, Func<bool> refuses) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            // Port 1 of the loopback address: a real refusal by the system.
            if (refuses()) request.RequestUri = new("http://127.0.0.1:1/");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
