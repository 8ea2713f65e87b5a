using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace EventStream.PostgreSql.Tests.Infrastructure;

/// <summary>Stands between a node and its server, and at a word passes nothing on any more: connections stay open, and new ones are taken, as where a firewall drops packets.</summary>
internal sealed class SilencingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly NpgsqlConnectionStringBuilder _target;
    private readonly Task _accepting;
    private readonly ConcurrentDictionary<TcpClient, bool> _waiting = [];
    private volatile bool _isSilent;

    public SilencingProxy(string connectionString)
    {
        _target = new(connectionString);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string ConnectionString => new NpgsqlConnectionStringBuilder(_target.ConnectionString)
    {
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
        SslMode = SslMode.Disable,
    }.ConnectionString;

    /// <summary>How many connections have asked the server something since, and wait.</summary>
    public int Waiting => _waiting.Count;

    public void Silence() => _isSilent = true;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true) connections.Add(PassAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(_target.Host!, _target.Port, _stop.Token);
            await Task.WhenAny(CopyAsync(near, far), CopyAsync(far, near));
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to)
    {
        try
        {
            var buffer = new byte[64 * 1024];
            while (await from.GetStream().ReadAsync(buffer, _stop.Token) is > 0 and var read)
            {
                if (_isSilent) _waiting[from] = true;
                else await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            }

            // Nothing is heard of a farewell either.
            if (_isSilent) await Task.Delay(Timeout.Infinite, _stop.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The other side is gone.
        }
    }
}
