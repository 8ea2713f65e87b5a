using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>A client over a bare socket that can be cut at any byte, and resumes after the last whole event.</summary>
/// <remarks>It uses HTTP/1.0, so that its stream is not chunked: each byte that it counts is a byte of the stream.</remarks>
public sealed class RawSubscriber(Uri address, string path)
{
    private byte[] _bytes = new byte[4 * 1024];
    private int _length;
    private bool _isInBody;

    public string? LastEventId { get; set; }

    /// <summary>Connects and asks for the stream.</summary>
    /// <param name="receiveBuffer">The socket's buffer, in bytes; null, the default, leaves it to the system.</param>
    public async Task<Socket> OpenAsync(int? receiveBuffer = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (receiveBuffer is { } size) socket.ReceiveBufferSize = size;
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, address.Port));
            var position = LastEventId is null ? "" : $"Last-Event-ID: {LastEventId}\r\n";
            await socket.SendAsync(
                Encoding.ASCII.GetBytes($"GET {path} HTTP/1.0\r\nHost: localhost\r\nAccept: text/event-stream\r\n{position}\r\n"));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects, passes on each whole event, and closes the socket.</summary>
    /// <remarks>
    /// It closes after a number of bytes, when <paramref name="take"/> returns false, or at the end of the stream.
    /// </remarks>
    public async Task ReadAsync(Func<TestEvent, bool> take, int mostBytes = int.MaxValue)
    {
        using var socket = await OpenAsync();
        _length = 0;
        _isInBody = false;
        while (mostBytes > 0)
        {
            if (_length == _bytes.Length) Array.Resize(ref _bytes, _bytes.Length * 2);
            var read = await socket.ReceiveAsync(_bytes.AsMemory(_length, Math.Min(_bytes.Length - _length, mostBytes)));
            if (read == 0) return;
            mostBytes -= read;
            _length += read;
            if (!TakeWhole(take)) return;
        }
    }

    private bool TakeWhole(Func<TestEvent, bool> take)
    {
        if (!_isInBody)
        {
            var head = _bytes.AsSpan(0, _length).IndexOf("\r\n\r\n"u8);
            if (head < 0) return true;
            Encoding.ASCII.GetString(_bytes, 0, head).Should().StartWith("HTTP/1.1 200 ");
            Drop(head + 4);
            _isInBody = true;
        }

        var end = _bytes.AsSpan(0, _length).LastIndexOf("\n\n"u8) + 2;
        if (end < 2) return true;
        var whole = ReferenceParser.Parse(_bytes.AsSpan(0, end));
        Drop(end);
        if (whole.LastEventId.Length > 0) LastEventId = whole.LastEventId;
        return whole.Events.All(each => take(each));
    }

    private void Drop(int count)
    {
        _bytes.AsSpan(count, _length - count).CopyTo(_bytes);
        _length -= count;
    }
}
