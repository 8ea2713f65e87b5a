using System.Text;

namespace EventStream.Client.Tests.Infrastructure;

/// <summary>A body whose reads ignore their token: each returns when the test sends something, and not before.</summary>
internal sealed class TokenIgnoringStream : Stream
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<int>? _read;
    private Memory<byte> _memory;

    /// <summary>Completes when a read is pending.</summary>
    public TaskCompletionSource Reading { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the stream is disposed of.</summary>
    public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether it was disposed of, or read again, while a read was pending.</summary>
    public bool WasDisturbed { get; private set; }

    /// <summary>How often it was read.</summary>
    public int Reads { get; private set; }

    /// <summary>The memory of the last read.</summary>
    public Memory<byte> Memory => _memory;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Lets the pending read return these bytes; none is the end.</summary>
    public void Send(string text)
    {
        TaskCompletionSource<int> read;
        int count;
        lock (_gate)
        {
            count = Encoding.UTF8.GetBytes(text, _memory.Span);
            read = _read!;
            _read = null;
            Reading = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        read.SetResult(count);
    }

    /// <summary>Lets the pending read fail.</summary>
    public void Fail(Exception error)
    {
        TaskCompletionSource<int> read;
        lock (_gate)
        {
            read = _read!;
            _read = null;
        }

        read.SetException(error);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (Disposed.Task.IsCompleted) return ValueTask.FromException<int>(new ObjectDisposedException(nameof(TokenIgnoringStream)));
            WasDisturbed |= _read is not null;
            Reads++;
            _memory = buffer;
            _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Reading.TrySetResult();
            return new(_read.Task);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        lock (_gate)
        {
            WasDisturbed |= _read is not null;
            Disposed.TrySetResult();
        }

        base.Dispose(disposing);
    }
}
