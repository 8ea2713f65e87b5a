using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>A bare socket that sends whatever a test wants, and does not mind a server that closes.</summary>
public sealed class RawConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[16 * 1024];

    private RawConnection(Socket socket) => _socket = socket;

    /// <summary>Connects to a port of this machine.</summary>
    /// <param name="port">The port.</param>
    /// <param name="receiveBuffer">The size of the receive buffer in bytes; null, the default, leaves it to the system.</param>
    public static async Task<RawConnection> ConnectAsync(int port, int? receiveBuffer = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } size) socket.ReceiveBufferSize = size;
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port)).OrFail("a connection");
        return new(socket);
    }

    /// <summary>Sends text, and returns whether the server still takes it.</summary>
    public Task<bool> SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends bytes, and returns whether the server still takes them.</summary>
    /// <remarks>A server that takes none for half a second is busy with its own limits, and is given up like one that closes.</remarks>
    public async Task<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using var limit = new CancellationTokenSource(500);
        try
        {
            for (var sent = 0; sent < bytes.Length;) sent += await _socket.SendAsync(bytes[sent..], limit.Token);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Receives some bytes; none if the server has closed or reset the connection.</summary>
    public async Task<ReadOnlyMemory<byte>> ReceiveAsync()
    {
        try
        {
            return _buffer.AsMemory(0, await _socket.ReceiveAsync(_buffer).OrFail("more bytes, or the end of the connection"));
        }
        catch (SocketException)
        {
            return default;
        }
    }

    /// <summary>Reads until the text has come or the connection has ended, and returns everything that was read.</summary>
    public async Task<string> ReadUntilAsync(string text)
    {
        var (all, started) = ("", TimeProvider.System.GetTimestamp());
        while (!all.Contains(text, StringComparison.Ordinal))
        {
            var some = await ReceiveAsync();
            if (some.IsEmpty) break;
            all += Encoding.Latin1.GetString(some.Span);
            if (TimeProvider.System.GetElapsedTime(started) > Soon.Limit) throw new TimeoutException($"'{text}' did not come: {all}");
        }

        return all;
    }

    /// <summary>Reads until the connection has ended.</summary>
    public async Task ReadToEndAsync()
    {
        while (!(await ReceiveAsync()).IsEmpty)
        {
        }
    }

    /// <summary>Says that nothing more is sent, and leaves the other direction open.</summary>
    public void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server has reset the connection before.
        }
    }

    /// <summary>Makes the end of the connection a reset instead of an orderly close.</summary>
    public void Reset()
    {
        _socket.LingerState = new(enable: true, seconds: 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();
}
