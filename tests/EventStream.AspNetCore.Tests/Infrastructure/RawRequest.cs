using System.Net.Sockets;
using System.Text;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>A connection to an app on which a test writes its own bytes, such as those that no HTTP client sends.</summary>
public sealed class RawRequest : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);

    private RawRequest()
    {
    }

    /// <summary>Connects to an app.</summary>
    public static async Task<RawRequest> ConnectAsync(TestApp app)
    {
        RawRequest request = new();
        await request._socket.ConnectAsync(app.Address.Host, app.Address.Port).OrFail("a connection");
        return request;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await _socket.SendAsync(bytes).OrFail("bytes that are sent");

    /// <summary>Sends bytes, if the server has not closed the connection by now.</summary>
    public async Task TrySendAsync(string text)
    {
        try
        {
            await SendAsync(text);
        }
        catch (SocketException)
        {
        }
    }

    /// <summary>All that comes until the server closes the connection, or resets it.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var all = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await _socket.ReceiveAsync(buffer).OrFail($"the end of the connection; so far there is '{all}'") is > 0 and var read)
            {
                all.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
        }

        return all.ToString();
    }

    public void Dispose() => _socket.Dispose();
}
