using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Delivery;

/// <summary>Kestrel's socket transport, with a <see cref="DirectOutput"/> for each connection.</summary>
/// <remarks>
/// <para>
/// A transport, and not a connection middleware, for two reasons. It is below TLS and everything that an endpoint adds, so an endpoint
/// cannot be left out. And it has the connection before its first byte, so Kestrel's own send loop never sends anything. That loop waits
/// for bytes in its pipe until the connection ends, and then closes the socket.
/// </para>
/// <para>
/// It takes the place of the socket transport among Kestrel's transports. A transport of the app's own is left alone, even over sockets,
/// because it may count or change the bytes that it sends.
/// </para>
/// </remarks>
internal sealed class DirectTransport(
    IOptions<SocketTransportOptions> options, ILoggerFactory loggers, SendBatches? batches = null)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly SocketTransportFactory _sockets = new(options, loggers);
    private volatile bool _isUsed;

    /// <summary>Whether any endpoint of the server uses it.</summary>
    public bool IsUsed => _isUsed;

    public bool CanBind(EndPoint endpoint) => _sockets.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = await _sockets.BindAsync(endpoint, cancellationToken);
        _isUsed = true;
        return new Listener(listener, options.Value, batches);
    }

    private sealed class Listener(IConnectionListener listener, SocketTransportOptions options, SendBatches? batches) : IConnectionListener
    {
        private readonly long _limit = options.MaxWriteBufferSize ?? 0;

        public EndPoint EndPoint => listener.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            var connection = await listener.AcceptAsync(cancellationToken);
            if (connection?.Features.Get<IConnectionSocketFeature>()?.Socket is not { SocketType: SocketType.Stream } socket)
            {
                return connection;
            }

            // So that a send returns at once. Kestrel's own calls are all asynchronous, and not affected.
            socket.Blocking = false;
            return new DirectConnection(connection, socket, _limit, batches);
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => listener.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => listener.DisposeAsync();
    }
}
