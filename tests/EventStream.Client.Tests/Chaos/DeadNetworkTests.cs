using System.Net;
using EventStream.Client.Tests.Infrastructure;
using Microsoft.Extensions.Time.Testing;

namespace EventStream.Client.Tests.Chaos;

public sealed class DeadNetworkTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly TaskCompletionSource<EventStreamClientRetrying> _retrying = new();

    [Fact(Timeout = 60_000)]
    public async Task Network_DropsEverythingWithoutAReset_IsNoticedWithinTheIdleTimeAndLeftBehind()
    {
        await using var peer = await StartAsync(http2: false);
        await using var proxy = new Proxy(() => null) { Target = peer.Client.BaseAddress };
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = proxy.Address };
        await using var reading = Read(client).GetAsyncEnumerator();
        (await reading.MoveNextAsync()).Should().BeTrue();
        var next = reading.MoveNextAsync().AsTask();

        proxy.DropPackets();
        _time.Advance(TimeSpan.FromSeconds(44));
        _retrying.Task.IsCompleted.Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));

        (await _retrying.Task.OrFail("the client notices")).Error.Should().BeOfType<TimeoutException>();
        proxy.Revive();
        await Peer.WhileTimePasses(next, _time);
        reading.Current.Data.Should().Be("b");
    }

    /// <summary>
    /// The handler keeps a dead HTTP/2 connection for the next request, unless it pings: that is its own business, and documented.
    /// </summary>
    [Fact(Timeout = 60_000)]
    public async Task Network_DropsEverythingOverHttp2_IsLeftBehindByAHandlerThatPings()
    {
        await using var peer = await StartAsync(http2: true);
        await using var proxy = new Proxy(() => null) { Target = peer.Client.BaseAddress };
        using var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            KeepAlivePingDelay = TimeSpan.FromSeconds(1),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(1),
        })
        {
            BaseAddress = proxy.Address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        await using var reading = Read(client).GetAsyncEnumerator();
        (await reading.MoveNextAsync()).Should().BeTrue();
        var next = reading.MoveNextAsync().AsTask();

        proxy.DropPackets();

        (await _retrying.Task.OrFail("the handler notices")).Error.Should().BeAssignableTo<IOException>();
        proxy.Revive();
        await Peer.WhileTimePasses(next, _time);
        reading.Current.Data.Should().Be("b");
    }

    private static Task<Peer> StartAsync(bool http2) =>
        Peer.StartAsync(http2, Peer.Silent("id: 1\ndata: a\n\n"), Peer.Stream("id: 2\ndata: b\n\n"));

    private IAsyncEnumerable<EventStreamClientEvent> Read(HttpClient client) => client.ReadEventStreamAsync(
        "/", new() { IdleTimeout = TimeSpan.FromSeconds(45), TimeProvider = _time, OnRetrying = retry => _retrying.TrySetResult(retry) });
}
