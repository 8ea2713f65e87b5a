using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace EventStream.Client.Tests.Infrastructure;

/// <summary>A network between client and server, over sockets.</summary>
/// <remarks>It can cut a connection after a number of bytes of the answer, and it can drop all bytes silently.</remarks>
internal sealed class Proxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private readonly Func<long?> _bytes;
    private readonly Task _accepting;
    private volatile bool _isDead;

    /// <summary>Starts it.</summary>
    /// <param name="bytes">After how many bytes of the answer the next connection is cut; null: never.</param>
    public Proxy(Func<long?> bytes)
    {
        _bytes = bytes;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    /// <summary>Where new connections go. Null: there is no server, and they are closed.</summary>
    public Uri? Target { get; set; }

    /// <summary>
    /// From now on the connections that there are carry nothing, in either direction, and are neither closed nor reset. Those to come are
    /// new.
    /// </summary>
    public void DropPackets() => _isDead = true;

    public void Revive() => _isDead = false;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections.Keys).OrFail("the end of the proxy's connections");
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                var connection = CarryAsync(client, Target);
                _connections.TryAdd(connection, true);
                _ = connection.ContinueWith(done => _connections.TryRemove(done, out _), TaskScheduler.Default);
            }
        }
        catch (OperationCanceledException)
        {
            // The proxy stops.
        }
    }

    private async Task CarryAsync(Socket client, Uri? target)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var _ = client;
        // A cut is a reset, not a farewell.
        client.LingerState = new(true, 0);
        if (target is null) return;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, target.Port, _stop.Token);
            await Task.WhenAny(CopyAsync(client, server, null, over.Token), CopyAsync(server, client, _bytes(), over.Token));
        }
        catch (SocketException)
        {
            // No server listens there, so the client's connection is closed.
        }

        await over.CancelAsync();
    }

    private async Task CopyAsync(Socket from, Socket to, long? most, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        var left = most ?? long.MaxValue;
        try
        {
            while (left > 0)
            {
                var read = await from.ReceiveAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellationToken);
                if (_isDead) await Task.Delay(Timeout.Infinite, cancellationToken);
                if (read == 0) return;
                await to.SendAsync(buffer.AsMemory(0, read), cancellationToken);
                left -= read;
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // One end is gone; so is the other.
        }
    }
}
