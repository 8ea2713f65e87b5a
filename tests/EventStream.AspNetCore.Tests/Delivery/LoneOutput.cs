using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using EventStream.AspNetCore.Delivery;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace EventStream.AspNetCore.Tests.Delivery;

/// <summary>A <see cref="DirectOutput"/> over a real socket without a server, and the client's end of it.</summary>
internal sealed class LoneOutput : IDisposable
{
    /// <summary>How many bytes wait before a flush does.</summary>
    public const int Limit = 64 * 1024;

    private readonly Socket _socket;
    private readonly Socket _client;

    private LoneOutput(Socket socket, Socket client, SendBatches? batches)
    {
        (_socket, _client) = (socket, client);

        // As Kestrel sets them.
        (socket.Blocking, socket.NoDelay) = (false, true);
        var pipe = new Pipe();
        Connection = new ConnectionThatTells(this) { Transport = new Duplex(pipe.Reader, pipe.Writer) };
        Connection.Features.Set<IMemoryPoolFeature>(new PoolFeature(new CountedPools().Create()));
        Output = new(Connection, socket, Limit, batches);
    }

    public DirectOutput Output { get; }

    /// <summary>Its token is cancelled when the output aborts the connection.</summary>
    public DefaultConnectionContext Connection { get; }

    /// <summary>What the connection runs when the output aborts it, before anything else.</summary>
    public Action? Aborting { get; set; }

    /// <summary>Makes an output.</summary>
    /// <param name="batches">The batches of its server; null if there are none.</param>
    /// <param name="isTiny">Whether the socket takes only some KB before the client reads.</param>
    public static async Task<LoneOutput> OpenAsync(SendBatches? batches, bool isTiny = false)
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        if (isTiny) listener.SendBufferSize = 4096;
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        if (isTiny) client.ReceiveBufferSize = 4096;
        await client.ConnectAsync(listener.LocalEndPoint!).OrFail("a connection");
        return new(await listener.AcceptAsync().OrFail("a connection"), client, batches);
    }

    public static async Task<LoneOutput[]> OpenManyAsync(int count, SendBatches? batches) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => OpenAsync(batches)));

    /// <summary>Writes and flushes some bytes; false if the flush waits, or says that nothing arrives any more.</summary>
    public bool Write(ReadOnlySpan<byte> bytes)
    {
        Output.Write(bytes);
        return Output.FlushAsync() is { IsCompletedSuccessfully: true, Result.IsCompleted: false };
    }

    /// <summary>Writes and flushes some bytes past Kestrel; false if they must not go there.</summary>
    public bool TrySend(ReadOnlySpan<byte> bytes) =>
        Output.TrySend(bytes) && Output.Result() is { IsCompletedSuccessfully: true, Result.IsCompleted: false };

    /// <summary>How many segments with data the socket has sent, by <c>tcpi_data_segs_out</c> of Linux's <c>tcp_info</c>.</summary>
    public int Segments
    {
        get
        {
            Span<byte> info = stackalloc byte[256];
            _socket.GetRawSocketOption(6, 11, info);
            return BitConverter.ToInt32(info[156..]);
        }
    }

    /// <summary>The number of bytes that have arrived at the client and were not read.</summary>
    public int Arrived => _client.Available;

    /// <summary>The number of bytes that have arrived at the server and were not read.</summary>
    public int ArrivedAtServer => _socket.Available;

    /// <summary>Reads a number of bytes.</summary>
    public async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        for (var at = 0; at < count;)
        {
            var read = await _client.ReceiveAsync(bytes.AsMemory(at)).AsTask().OrFail($"{count - at} bytes more");
            if (read == 0) throw new EndOfStreamException($"The connection ended {count - at} bytes too soon.");
            at += read;
        }

        return bytes;
    }

    /// <summary>Closes the client's end by a reset.</summary>
    public void Reset()
    {
        _client.LingerState = new(enable: true, seconds: 0);
        _client.Dispose();
    }

    /// <summary>Closes the server's end.</summary>
    public void Close() => _socket.Dispose();

    /// <summary>Says that nothing more is sent.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    public void Dispose()
    {
        _client.Dispose();
        _socket.Dispose();
        Output.Complete();
    }

    private sealed class ConnectionThatTells(LoneOutput output) : DefaultConnectionContext
    {
        public override void Abort(ConnectionAbortedException abortReason)
        {
            output.Aborting?.Invoke();
            base.Abort(abortReason);
        }
    }

    private sealed record PoolFeature(MemoryPool<byte> MemoryPool) : IMemoryPoolFeature;

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
