namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>An HTTP/2 connection whose frames the test writes itself.</summary>
public sealed class Http2Connection : IDisposable
{
    private readonly List<byte> _received = [];

    private Http2Connection(RawConnection raw) => Raw = raw;

    /// <summary>The socket below.</summary>
    public RawConnection Raw { get; }

    /// <summary>Connects, and sends the preface and the first settings.</summary>
    /// <param name="port">The port.</param>
    /// <param name="receiveBuffer">The size of the receive buffer in bytes; null, the default, leaves it to the system.</param>
    /// <param name="settings">The settings.</param>
    public static async Task<Http2Connection> ConnectAsync(
        int port, int? receiveBuffer = null, params (ushort Name, int Value)[] settings)
    {
        var connection = new Http2Connection(await RawConnection.ConnectAsync(port, receiveBuffer));
        await connection.Raw.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        await connection.SendAsync(Http2Frame.Settings(settings));
        return connection;
    }

    /// <summary>Sends frames in one write, and returns whether the server still takes them.</summary>
    public Task<bool> SendAsync(params IEnumerable<Http2Frame> frames) =>
        Raw.SendAsync(frames.SelectMany(frame => frame.ToBytes()).ToArray());

    /// <summary>Receives the next frame; null if the connection has ended.</summary>
    public async Task<Http2Frame?> ReceiveAsync()
    {
        while (true)
        {
            if (Http2Frame.TryTake(_received, out var frame)) return frame;
            var some = await Raw.ReceiveAsync();
            if (some.IsEmpty) return null;
            _received.AddRange(some.Span);
        }
    }

    /// <summary>Receives frames until one meets a condition, or the connection has ended.</summary>
    public async Task<Http2Frame?> ReceiveAsync(Func<Http2Frame, bool> which)
    {
        while (await ReceiveAsync() is { } frame)
        {
            if (which(frame)) return frame;
        }

        return null;
    }

    public void Dispose() => Raw.Dispose();
}
