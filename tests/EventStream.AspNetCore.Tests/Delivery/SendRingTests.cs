using System.Net;
using System.Net.Sockets;
using EventStream.AspNetCore.Delivery;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Delivery;

/// <summary>A ring of io_uring, on real sockets.</summary>
[Trait("Category", "Linux")]
public sealed class SendRingTests : IDisposable
{
    private readonly List<Socket> _sockets = [];

    [Fact(Timeout = 30_000)]
    public void TryCreate_KernelRefuses_ReturnsNullWithTheReason()
    {
        // No ring has no room.
        using var ring = SendRing.TryCreate(0, out var error);

        ring.Should().BeNull();
        error.Should().StartWith("the kernel or the container does not allow io_uring: ");
    }

    [Fact(Timeout = 30_000, Skip = Rings.Needed, SkipType = typeof(Rings), SkipUnless = nameof(Rings.AreAllowed))]
    public async Task Submit_ManySendsAgainAndAgain_ResultsAreInTheirOrder()
    {
        using var ring = SendRing.TryCreate(8, out _)!;
        var pairs = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PairAsync()));
        var bytes = GC.AllocateArray<byte>(100, pinned: true);
        var results = new int[8];

        // More than once around the ring, with a number of sends that does not divide it.
        for (var round = 0; round < 20; round++)
        {
            var count = 1 + (round * 5 % 8);
            for (var i = 0; i < count; i++) ring.Add((int)pairs[i].Server.Handle, bytes.AsSpan(0, 10 + i));
            ring.Submit(results);

            results[..count].Should().Equal(Enumerable.Range(10, count));
            for (var i = 0; i < count; i++) (await pairs[i].Client.ReceiveAsync(new byte[100]).OrFail()).Should().Be(10 + i);
        }
    }

    [Fact(Timeout = 30_000, Skip = Rings.Needed, SkipType = typeof(Rings), SkipUnless = nameof(Rings.AreAllowed))]
    public async Task Submit_FullSocketAndClosedOnes_EachHasItsOwnResult()
    {
        using var ring = SendRing.TryCreate(4, out _)!;
        var (full, gone, open) = (await PairAsync(), await PairAsync(), await PairAsync());
        full.Server.Blocking = false;
        while (full.Server.Send(new byte[100_000], SocketFlags.None, out var error) > 0 && error == SocketError.Success)
        {
        }

        gone.Server.Shutdown(SocketShutdown.Send);
        var bytes = GC.AllocateArray<byte>(5, pinned: true);
        var results = new int[4];
        ring.Add((int)full.Server.Handle, bytes);
        ring.Add((int)gone.Server.Handle, bytes);
        ring.Add(int.MaxValue, bytes);
        ring.Add((int)open.Server.Handle, bytes);

        ring.Submit(results);

        results.Select(SendRing.ErrorOf).Should().Equal(
            SocketError.WouldBlock, SocketError.ConnectionReset, SocketError.ConnectionReset, SocketError.Success);
        results[3].Should().Be(5);
        (await open.Client.ReceiveAsync(new byte[100]).OrFail()).Should().Be(5);
    }

    [Fact(Timeout = 30_000, Skip = Rings.Needed, SkipType = typeof(Rings), SkipUnless = nameof(Rings.AreAllowed))]
    public async Task Submit_SocketHasRoomForAPart_ReturnsHowMuch()
    {
        using var ring = SendRing.TryCreate(1, out _)!;
        var pair = await PairAsync(isTiny: true);
        var bytes = GC.AllocateArray<byte>(1_000_000, pinned: true);
        var results = new int[1];

        ring.Add((int)pair.Server.Handle, bytes);
        ring.Submit(results);

        results[0].Should().BeInRange(1, 999_999);
    }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    private async Task<(Socket Server, Socket Client)> PairAsync(bool isTiny = false)
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        if (isTiny) listener.SendBufferSize = 4096;
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!).OrFail("a connection");
        var server = await listener.AcceptAsync().OrFail("a connection");
        lock (_sockets) _sockets.AddRange([client, server]);
        return (server, client);
    }
}
