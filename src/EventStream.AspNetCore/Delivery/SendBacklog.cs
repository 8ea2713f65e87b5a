using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace EventStream.AspNetCore.Delivery;

/// <summary>The bytes that a connection's socket has not taken yet, and the loop that sends them.</summary>
/// <remarks>
/// A pipe, so that a flush waits as that of Kestrel's own pipe. The loop runs on the thread pool, and one send takes all that was flushed
/// meanwhile. Written by the writer of the <see cref="DirectOutput"/>.
/// </remarks>
internal sealed class SendBacklog
{
    private const int MostSegments = 16;

    private readonly DirectOutput _output;
    private readonly Pipe _pipe;
    private List<ArraySegment<byte>>? _segments;

    // Written by the writer.
    private long _written;

    // Written by the loop.
    private long _sent;

    public SendBacklog(DirectOutput output, MemoryPool<byte> pool, long limit)
    {
        _output = output;
        _pipe = new(new PipeOptions(
            pool,
            readerScheduler: PipeScheduler.ThreadPool,
            writerScheduler: PipeScheduler.ThreadPool,
            pauseWriterThreshold: limit,
            resumeWriterThreshold: limit / 2,
            useSynchronizationContext: false));

        // The loop belongs to the connection, and not to the request that happens to start it.
        using (ExecutionContext.SuppressFlow()) Sending = SendAllAsync();
    }

    /// <summary>Whether everything that was written was sent. Once it is, it stays so until the next write.</summary>
    public bool IsEmpty => Unsent == 0;

    /// <summary>Completes when everything was sent after <see cref="Complete"/>, or the socket is closed.</summary>
    public Task Sending { get; }

    /// <summary>How many bytes were written and not sent.</summary>
    public long Unsent => _written - Volatile.Read(ref _sent);

    public long Unflushed => _pipe.Writer.UnflushedBytes;

    public Memory<byte> GetMemory(int sizeHint) => _pipe.Writer.GetMemory(sizeHint);

    public void Advance(int bytes)
    {
        _pipe.Writer.Advance(bytes);
        _written += bytes;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        _pipe.Writer.Write(bytes);
        _written += bytes.Length;
    }

    public ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken) => _pipe.Writer.FlushAsync(cancellationToken);

    public void CancelPendingFlush() => _pipe.Writer.CancelPendingFlush();

    public void Complete(Exception? exception) => _pipe.Writer.Complete(exception);

    private async Task SendAllAsync()
    {
        try
        {
            while (true)
            {
                var read = await _pipe.Reader.ReadAsync();
                var bytes = read.Buffer;

                // The pipe uses its segments for other bytes after they were read, and the length with them.
                var length = bytes.Length;
                if (length > 0) await SendAsync(bytes);
                _pipe.Reader.AdvanceTo(bytes.End);

                // After this the writer may send past the backlog, so nothing of it is in use any more.
                Volatile.Write(ref _sent, _sent + length);
                if (read.IsCompleted) break;
            }
        }
        catch (Exception exception)
        {
            _output.Break(exception);
        }
        finally
        {
            await _pipe.Reader.CompleteAsync();
        }
    }

    private async ValueTask SendAsync(ReadOnlySequence<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var sent = bytes.IsSingleSegment
                ? await _output.Socket.SendAsync(bytes.First, SocketFlags.None)
                : await _output.Socket.SendAsync(FirstOf(bytes), SocketFlags.None);
            bytes = bytes.Slice(sent);
        }
    }

    private List<ArraySegment<byte>> FirstOf(ReadOnlySequence<byte> bytes)
    {
        _segments ??= new(MostSegments);
        _segments.Clear();
        foreach (var memory in bytes)
        {
            if (_segments.Count == MostSegments) break;
            if (!MemoryMarshal.TryGetArray(memory, out var segment)) segment = memory.ToArray();
            if (segment.Count > 0) _segments.Add(segment);
        }

        return _segments;
    }
}
