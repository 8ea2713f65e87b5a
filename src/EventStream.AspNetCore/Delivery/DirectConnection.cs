using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace EventStream.AspNetCore.Delivery;

/// <summary>A connection of Kestrel's socket transport, whose output is a <see cref="DirectOutput"/>.</summary>
/// <remarks>
/// Everything but the end is the connection's own. Kestrel disposes of a connection when it has served it. Then the connection sends what
/// is in its pipe, and closes the socket. What the output still has is sent before that.
/// </remarks>
internal sealed class DirectConnection : ConnectionContext
{
    private readonly ConnectionContext _connection;
    private readonly DirectOutput _output;

    public DirectConnection(ConnectionContext connection, Socket socket, long limit, SendBatches? batches)
    {
        _connection = connection;
        connection.Transport = _output = new(connection, socket, limit, batches);
    }

    public override string ConnectionId
    {
        get => _connection.ConnectionId;
        set => _connection.ConnectionId = value;
    }

    public override IFeatureCollection Features => _connection.Features;

    [AllowNull]
    public override IDictionary<object, object?> Items
    {
        get => _connection.Items;
        set => _connection.Items = value!;
    }

    public override IDuplexPipe Transport
    {
        get => _connection.Transport;
        set => _connection.Transport = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _connection.ConnectionClosed;
        set => _connection.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _connection.LocalEndPoint;
        set => _connection.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _connection.RemoteEndPoint;
        set => _connection.RemoteEndPoint = value;
    }

    // What was flushed before is sent, as without batches.
    public override void Abort()
    {
        _output.SubmitBatch();
        _connection.Abort();
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        _output.SubmitBatch();
        _connection.Abort(abortReason);
    }

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await _output.FinishAsync();
        }
        finally
        {
            await _connection.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}
