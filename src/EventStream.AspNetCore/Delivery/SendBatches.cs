using System.Collections.Concurrent;
using EventStream.AspNetCore.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Delivery;

/// <summary>The batches of a server, each with a ring of its own.</summary>
/// <remarks>A batch is made when a thread needs one and none is free. There is at most one for each processor.</remarks>
/// <param name="loggers">Gets the entry that there are no rings, or no more.</param>
/// <param name="sends">How many sends a ring holds. The kernel makes no ring of 0, with which a test has none.</param>
internal sealed class SendBatches(ILoggerFactory loggers, int sends = SendBatch.MostSends) : IDisposable
{
    private readonly ConcurrentBag<SendBatch> _free = [];
    private int _made;
    private int _isToldOff;
    private long _sends;
    private volatile bool _isOff;

    /// <summary>How many sends have left in batches.</summary>
    public long Sends => Interlocked.Read(ref _sends);

    /// <summary>Rents a batch; null if all are in use, or the kernel offers no rings.</summary>
    public SendBatch? Rent()
    {
        if (_isOff) return null;
        if (_free.TryTake(out var batch)) return batch;
        if (Interlocked.Increment(ref _made) > Environment.ProcessorCount)
        {
            Interlocked.Decrement(ref _made);
            return null;
        }

        if (SendRing.TryCreate(sends, out var error) is { } ring) return new(this, ring);

        // The first ring tells whether there are any. A later one may fail for another reason, such as too many open files.
        if (Interlocked.Decrement(ref _made) == 0) TurnOff(error);
        return null;
    }

    /// <summary>Counts sends that have left together.</summary>
    public void Sent(int sends) => Interlocked.Add(ref _sends, sends);

    /// <summary>Returns a batch. If the kernel has refused a call of it, no batch is rented any more.</summary>
    public void Return(SendBatch batch)
    {
        if (batch.Failure is { } failure && !_isOff) TurnOff(failure);
        _free.Add(batch);

        // The server may have stopped, or another batch have failed, while this one was in use.
        if (_isOff) DisposeFree();
    }

    public void Dispose()
    {
        _isOff = true;
        DisposeFree();
    }

    private void TurnOff(string reason)
    {
        _isOff = true;
        if (Interlocked.Exchange(ref _isToldOff, 1) == 0) Log.IoUringUnavailable(loggers.CreateLogger(Log.Category), reason);
    }

    private void DisposeFree()
    {
        while (_free.TryTake(out var batch)) batch.Dispose();
    }
}
