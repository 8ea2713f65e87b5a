using System.Buffers;
using System.IO.Pipelines;

namespace Showcase.Trading;

/// <summary>A response that is sent until its line is dead. Then each write succeeds as before, and its bytes go nowhere.</summary>
internal sealed class DeadLine(PipeWriter line) : PipeWriter
{
    private readonly ArrayBufferWriter<byte> _nowhere = new();

    // Set by any request; the writer of the response looks at it between two flushes, so that no message is cut.
    private volatile bool _isToDie;

    // Owned by the writer of the response.
    private bool _isDead;

    public void Kill() => _isToDie = true;

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        _nowhere.ResetWrittenCount();
        var result = _isDead ? default : await line.FlushAsync(cancellationToken);
        _isDead = _isToDie;
        return result;
    }

    public override void Advance(int bytes)
    {
        if (_isDead) _nowhere.Advance(bytes);
        else line.Advance(bytes);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => _isDead ? _nowhere.GetMemory(sizeHint) : line.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _isDead ? _nowhere.GetSpan(sizeHint) : line.GetSpan(sizeHint);

    public override void CancelPendingFlush() => line.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => line.Complete(exception);
}
