namespace EventStream.AspNetCore.Channels;

/// <summary>Some of a channel's waiting subscribers, all resumed by one work item on one thread, one after the other.</summary>
/// <remarks>
/// A thousand subscribers are woken by as many work items as there are shards. While a shard runs, a publish only notes that there is more: those who
/// were served and wait again then take all of it at once.
/// </remarks>
internal sealed class WakeShard : IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Running = 1;
    private const int Again = 2;

    private readonly Lock _gate = new();

    // Under _gate; read without it by publishers, who then have made their message visible before.
    private ChannelCursor? _head;
    private int _state;

    /// <summary>Resumes all who wait, soon.</summary>
    public void Wake()
    {
        if (Volatile.Read(ref _head) is null) return;
        if (Interlocked.Exchange(ref _state, Again) == Idle) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Add(ChannelCursor waiter)
    {
        lock (_gate)
        {
            waiter.PreviousWaiter = null;
            waiter.NextWaiter = _head;
            if (_head is not null) _head.PreviousWaiter = waiter;
            waiter.WaitsIn = this;
            Volatile.Write(ref _head, waiter);
        }

        // The waiter looks at the log next, and a publisher at the head after it has written to the log: one of them sees the other.
        Interlocked.MemoryBarrier();
    }

    /// <summary>Takes a waiter away. False if it is about to be resumed.</summary>
    public bool TryRemove(ChannelCursor waiter)
    {
        lock (_gate)
        {
            if (waiter.WaitsIn != this) return false;
            if (waiter.PreviousWaiter is { } previous) previous.NextWaiter = waiter.NextWaiter;
            else _head = waiter.NextWaiter;
            if (waiter.NextWaiter is { } next) next.PreviousWaiter = waiter.PreviousWaiter;
            waiter.PreviousWaiter = waiter.NextWaiter = null;
            waiter.WaitsIn = null;
            return true;
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Exchange(ref _state, Running);
        ResumeAll();
        if (Interlocked.CompareExchange(ref _state, Idle, Running) != Running) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void ResumeAll()
    {
        for (var waiter = TakeAll(); waiter is not null;)
        {
            // Before it goes on, because it may then be in the list again.
            var next = waiter.NextWaiter;
            waiter.PreviousWaiter = waiter.NextWaiter = null;
            if (waiter.HasNews || !WaitsAgain(waiter)) waiter.Resume();
            waiter = next;
        }
    }

    /// <summary>Puts back one that has no news. False if news came in between, whose publisher has found nobody to wake: then the caller resumes it.</summary>
    private bool WaitsAgain(ChannelCursor waiter)
    {
        Add(waiter);
        return !waiter.HasNews || !TryRemove(waiter);
    }

    private ChannelCursor? TakeAll()
    {
        lock (_gate)
        {
            var first = _head;
            for (var waiter = first; waiter is not null; waiter = waiter.NextWaiter) waiter.WaitsIn = null;
            _head = null;
            return first;
        }
    }
}
