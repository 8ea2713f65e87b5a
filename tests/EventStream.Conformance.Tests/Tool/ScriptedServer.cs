using System.Net;
using System.Net.Sockets;

namespace EventStream.Conformance.Tests.Tool;

/// <summary>A server that does, byte by byte, what a test says: each request is one connection.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<ScriptedExchange, Task> _script;
    private readonly Task _accepting;

    public ScriptedServer(Func<ScriptedExchange, Task> script, int port = 0)
    {
        _listener = new(IPAddress.Loopback, port);
        _script = script;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}/");

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting.OrFail("the end of the scripted server");
    }

    private async Task AcceptAsync()
    {
        var exchanges = new List<Task>();
        try
        {
            while (true) exchanges.Add(ServeAsync(await _listener.AcceptSocketAsync()));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            await Task.WhenAll(exchanges);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var connection = new NetworkStream(socket, ownsSocket: true);
        try
        {
            if (await ScriptedExchange.ReadAsync(connection) is { } exchange) await _script(exchange);
        }
        catch (IOException)
        {
            // The client has left, which clients may.
        }
    }
}
