using EventStream.Testing.Reading;

namespace EventStream.Testing.Faults;

/// <summary>The body of an answer, with the fault of its connection. For one reader.</summary>
internal sealed class FaultBody : Stream
{
    private readonly HttpContent _content;
    private readonly Stream _inner;
    private readonly FlowGate _gate;
    private readonly TimeProvider _time;
    private readonly CancellationTokenRegistration _cut;
    private readonly Lock _lock = new();
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly MemoryStream _held = new();
    private readonly CancellationTokenSource _leaving = new();
    private bool _hasEnded;

    // Guarded by the lock: after the body has been left, no read may begin.
    private Task<int>? _reading;
    private bool _isLeft;

    public FaultBody(HttpContent content, Stream inner, FlowGate gate, TimeProvider time)
    {
        _content = content;
        _inner = inner;
        _gate = gate;
        _time = time;

        // At once, also if no read is pending.
        _cut = gate.Broken.Register(Leave);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    private ReadOnlySpan<byte> Held => _held.GetBuffer().AsSpan((int)_held.Position, (int)(_held.Length - _held.Position));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return 0;
        while (true)
        {
            // Taken before the gate's state is read, so that no change is missed.
            var changed = _gate.Changed;
            if (_reading is { IsCompleted: true } && !_gate.Broken.IsCancellationRequested) Hold(await _reading.ConfigureAwait(false));
            var allowed = Math.Min(_gate.Allow(Held), buffer.Length);

            // The same exception as SocketsHttpHandler's when the server is gone.
            if (_gate.Broken.IsCancellationRequested)
            {
                throw new HttpIOException(HttpRequestError.ResponseEnded, "The response ended prematurely: the test cut it.");
            }

            if (allowed > 0) return Take(buffer.Span[..allowed]);
            if (_hasEnded && Held.IsEmpty) return 0;
            var reading = Begin();
            try
            {
                await Task.WhenAny(reading ?? changed, changed).WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // A cancelled read ends the connection, as it does without a fault.
                Leave();
                throw;
            }
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && TryLeave())
        {
            // A stream must not be disposed of during a read.
            if (_reading is { IsCompleted: false }) _ = HangUpAsync();
            else _content.Dispose();
        }

        base.Dispose(disposing);
    }

    private Task<int>? Begin()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isLeft && !_gate.Broken.IsCancellationRequested, this);
            if (!_isLeft && !_hasEnded && _gate.IsReading) _reading ??= _inner.ReadAsync(_buffer, _leaving.Token).AsTask();
            return _reading;
        }
    }

    private int Take(Span<byte> buffer)
    {
        var taken = _held.Read(buffer);
        _gate.Pass(buffer[..taken]);
        if (Held.IsEmpty) _held.SetLength(0);
        return taken;
    }

    private void Hold(int count)
    {
        lock (_lock) _reading = null;
        _hasEnded = count == 0;
        if (_hasEnded) _cut.Unregister();
        var position = _held.Position;
        _held.Position = _held.Length;
        _held.Write(_buffer, 0, count);
        _held.Position = position;
    }

    /// <summary>Leaves the body; true for the first call.</summary>
    /// <remarks>It also detaches the body from the gate, which lives longer.</remarks>
    private bool TryLeave()
    {
        lock (_lock)
        {
            if (_isLeft) return false;
            _isLeft = true;
        }

        _cut.Unregister();
        return true;
    }

    private void Leave()
    {
        if (TryLeave()) _ = HangUpAsync();
    }

    private async Task HangUpAsync()
    {
        await _leaving.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var reading = _reading ?? Task.CompletedTask;
        await Foreign.LetGoAsync(reading, HangUp.Limit, _time).ConfigureAwait(false);
        if (reading.IsCompleted) await HangUp.OnAsync(_content, _time).ConfigureAwait(false);
        else _content.Dispose();
    }
}
