using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace EventStream.PostgreSql.Tests.Infrastructure;

/// <summary>Stands between a node and its server, and passes on what the derived class lets through.</summary>
internal abstract class DatabaseProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly NpgsqlConnectionStringBuilder _target;
    private readonly Task _accepting;

    protected DatabaseProxy(string connectionString)
    {
        _target = new(connectionString);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>What becomes of bytes that one side has sent.</summary>
    protected enum Passage
    {
        Pass,
        Drop,
        Cut,
    }

    public string ConnectionString => new NpgsqlConnectionStringBuilder(_target.ConnectionString)
    {
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
        SslMode = SslMode.Disable,
    }.ConnectionString;

    /// <summary>Whether the other side does not notice that one side has closed the connection.</summary>
    protected virtual bool HidesCloses => false;

    public async ValueTask DisposeAsync()
    {
        // Before the listener is stopped: a call of accept that comes after that throws.
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
    }

    /// <summary>Decides about bytes. Called from many connections at once.</summary>
    /// <param name="from">Who sent them.</param>
    /// <param name="bytes">What was sent.</param>
    /// <param name="isAnswer">Whether the server sent them.</param>
    protected abstract Passage Decide(TcpClient from, ReadOnlySpan<byte> bytes, bool isAnswer);

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
            await Task.WhenAny(CopyAsync(near, far, isAnswer: false), CopyAsync(far, near, isAnswer: true));
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to, bool isAnswer)
    {
        try
        {
            var buffer = new byte[64 * 1024];
            while (await from.GetStream().ReadAsync(buffer, _stop.Token) is > 0 and var read)
            {
                var passage = Decide(from, buffer.AsSpan(0, read), isAnswer);
                if (passage == Passage.Cut) return;
                if (passage == Passage.Pass) await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            }

            if (HidesCloses) await Task.Delay(Timeout.Infinite, _stop.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException
            or InvalidOperationException)
        {
            // The other side is gone.
        }
    }
}
