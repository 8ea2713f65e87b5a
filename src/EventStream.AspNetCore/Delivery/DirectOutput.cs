using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace EventStream.AspNetCore.Delivery;

/// <summary>The output of a connection whose flush sends on the socket, in the caller's thread.</summary>
/// <remarks>
/// <para>It takes the place of the pipe between Kestrel's HTTP and the socket, and keeps that pipe's promises:</para>
/// <list type="number">
/// <item>Bytes are in one block until they are flushed. A flush sends the block without waiting (<see cref="SendNow"/>).</item>
/// <item>What the socket does not take goes to the <see cref="SendBacklog"/>, whose loop sends it when the socket has room. As long as
/// something is there, all that is written goes there too, so bytes keep their order.</item>
/// <item>A flush is complete when the bytes are accepted. It waits only while the backlog holds more than the transport's limit.</item>
/// <item>A connection that flushes little and often is sent by that loop as well. It takes what has come meanwhile in one send, where each
/// flush would be a system call.</item>
/// <item>In a <see cref="SendBatch"/>, a flush adds the bytes to the batch. Nothing is written behind them before they were sent.</item>
/// </list>
/// <para>
/// Kestrel uses a writer from one thread at a time. No other part writes to the socket: the connection's own send loop waits for its pipe,
/// which stays empty.
/// </para>
/// </remarks>
/// <param name="connection">The connection.</param>
/// <param name="socket">Its socket, which does not block.</param>
/// <param name="limit">How many bytes the backlog holds before a flush waits; 0: any number.</param>
/// <param name="batches">The batches of the server; null: each flush is a send of its own.</param>
internal sealed class DirectOutput(ConnectionContext connection, Socket socket, long limit, SendBatches? batches) : PipeWriter, IDuplexPipe
{
    /// <summary>More flushes than these within one tick of the system's coarse clock are often, unless they are large.</summary>
    private const int MostFlushes = 4;

    private const int Large = 4096;

    private readonly PipeReader _input = connection.Transport.Input;

    // The bytes that are not flushed; null if there are none. Not used while the backlog takes them.
    private IMemoryOwner<byte>? _block;
    private int _length;

    // Whether the backlog takes the bytes until the next flush. It does not change before, because Kestrel counts on it that memory which
    // it has gotten, and not advanced, is gotten again.
    private bool _writesBehind;

    // Made for the first bytes that the socket does not take, and for the first cancellation.
    private SendBacklog? _backlog;
    private SendBatch? _batch;
    private volatile bool _isBroken;

    // Whether the backlog may have a cancellation. Then the next flush is one of the backlog, which alone knows it.
    private volatile bool _mayBeCanceled;

    // The last tick of the clock at which anything was flushed, and how often.
    private long _tick;
    private int _flushes;

    PipeReader IDuplexPipe.Input => _input;

    PipeWriter IDuplexPipe.Output => this;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _writesBehind ? _backlog!.Unflushed : _length;

    /// <summary>The socket.</summary>
    public Socket Socket => socket;

    /// <summary>The batches of the server; null if there are none.</summary>
    public SendBatches? Batches => batches;

    private MemoryPool<byte> Pool => connection.Features.Get<IMemoryPoolFeature>()?.MemoryPool ?? MemoryPool<byte>.Shared;

    /// <summary>Whether the backlog has bytes. The writer may read it.</summary>
    public bool IsBehind => _backlog is { IsEmpty: false };

    private bool HasWaiting => _length > 0 || IsBehind;

    /// <summary>Gets the output of a request's connection; null if bytes change in between, as by TLS.</summary>
    public static DirectOutput? Of(HttpContext context) =>
        context.Features.Get<IConnectionTransportFeature>()?.Transport.Output as DirectOutput;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (!_writesBehind)
        {
            if (_length == 0) Begin(sizeHint);
            else if (_block!.Memory.Length - _length < Math.Max(sizeHint, 1)) Spill();
        }

        return _writesBehind ? _backlog!.GetMemory(sizeHint) : _block!.Memory[_length..];
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (_writesBehind)
        {
            _backlog!.Advance(bytes);
            return;
        }

        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, (_block?.Memory.Length ?? 0) - _length);
        _length += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        Send();
        return Result(cancellationToken);
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        SubmitBatch();
        if (HasWaiting)
        {
            this.Write(source.Span);
            Send();
        }
        else
        {
            SendNew(source.Span);
        }

        return Result(cancellationToken);
    }

    /// <summary>Sends bytes as a write and a flush would, without the work of Kestrel's HTTP.</summary>
    /// <remarks><see cref="Result"/> must follow.</remarks>
    /// <returns>
    /// False: nothing was sent, because much waits already, or would wait. From then on Kestrel must count the bytes. When a flush waits,
    /// Kestrel gives the reader time by what it has counted.
    /// </returns>
    public bool TrySend(ReadOnlySpan<byte> bytes)
    {
        SubmitBatch();
        var unsent = _backlog?.Unsent ?? 0;
        var most = unsent == 0 ? limit : limit / 4;
        if (_length > 0 || (limit > 0 && unsent + bytes.Length >= most)) return false;
        if (unsent == 0) SendNew(bytes);
        else _backlog!.Write(bytes);
        return true;
    }

    /// <summary>Returns what a flush returns after bytes were sent.</summary>
    public ValueTask<FlushResult> Result(CancellationToken cancellationToken = default)
    {
        if (!_mayBeCanceled && !IsBehind) return new(new FlushResult(isCanceled: false, _isBroken));
        _mayBeCanceled = false;
        return _backlog!.FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush()
    {
        Backlog().CancelPendingFlush();
        _mayBeCanceled = true;
    }

    public override void Complete(Exception? exception = null)
    {
        if (exception is null) Send();
        ReturnBlock();

        // Before the end of the backlog, to which the socket may leave a part.
        SubmitBatch();
        _backlog?.Complete(exception);
    }

    /// <summary>Ends the output, and waits until everything was sent, or the socket is closed.</summary>
    public Task FinishAsync()
    {
        Complete();
        return _backlog?.Sending ?? Task.CompletedTask;
    }

    /// <summary>Sends bytes now, and keeps what the socket does not take. Nothing may wait before them.</summary>
    /// <returns>Null, or why the connection must <see cref="Break"/>.</returns>
    public Exception? SendNow(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var sent = socket.Send(bytes, SocketFlags.None, out var error);
            return HasSent(bytes, error == SocketError.Success ? sent : 0, error);
        }
        catch (ObjectDisposedException exception)
        {
            return exception;
        }
    }

    /// <summary>Keeps what the socket has not taken of some bytes.</summary>
    /// <returns>Null, or why the connection must <see cref="Break"/>.</returns>
    public Exception? HasSent(ReadOnlySpan<byte> bytes, int sent, SocketError error)
    {
        if (error is not (SocketError.Success or SocketError.WouldBlock)) return new SocketException((int)error);
        if (sent < bytes.Length) Backlog().Write(bytes[sent..]);
        return null;
    }

    /// <summary>Enters a batch, which has its bytes.</summary>
    public void EnterBatch(SendBatch batch) => Volatile.Write(ref _batch, batch);

    /// <summary>Leaves the batch, after its bytes were sent.</summary>
    /// <remarks>No flush follows, so it begins to send what the socket has not taken.</remarks>
    /// <param name="hasFailed">Whether the connection is about to <see cref="Break"/>. Until then, nothing more is sent.</param>
    public void LeaveBatch(bool hasFailed)
    {
        if (hasFailed) _isBroken = true;
        else if (IsBehind) _ = _backlog!.FlushAsync(CancellationToken.None);
        Volatile.Write(ref _batch, null);
    }

    /// <summary>Sends what is in a batch. Any thread may call it.</summary>
    public void SubmitBatch() => Volatile.Read(ref _batch)?.Submit();

    /// <summary>Ends the connection, because nothing more can be sent.</summary>
    public void Break(Exception exception)
    {
        _isBroken = true;
        connection.Abort(new ConnectionAbortedException("The socket cannot be written to any more.", exception));
    }

    private void Begin(int sizeHint)
    {
        SubmitBatch();
        _writesBehind = IsBehind || sizeHint > (_block ??= Pool.Rent()).Memory.Length;
        if (_writesBehind) Backlog();
    }

    /// <summary>Moves the unflushed bytes to the backlog, because they are more than a block.</summary>
    private void Spill()
    {
        Backlog().Write(_block!.Memory.Span[.._length]);
        ReturnBlock();
        _writesBehind = true;
    }

    private void Send()
    {
        if (_length > 0) SendNew(_block!.Memory.Span[.._length]);
        ReturnBlock();
        _writesBehind = false;
    }

    private void SendNew(ReadOnlySpan<byte> bytes)
    {
        if (_isBroken) return;
        if (bytes.Length < Large && IsOften()) Backlog().Write(bytes);
        else if ((batches is null || !SendBatch.TryAdd(this, bytes)) && SendNow(bytes) is { } failure) Break(failure);
    }

    private bool IsOften()
    {
        var now = Environment.TickCount64;
        if (_tick != now) (_tick, _flushes) = (now, 0);
        return ++_flushes > MostFlushes;
    }

    private SendBacklog Backlog()
    {
        if (_backlog is { } backlog) return backlog;

        // Any thread may cancel.
        lock (this) return _backlog ??= new(this, Pool, limit);
    }

    private void ReturnBlock()
    {
        _block?.Dispose();
        _block = null;
        _length = 0;
    }
}
