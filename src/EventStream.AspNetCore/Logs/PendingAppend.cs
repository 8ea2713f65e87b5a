namespace EventStream.AspNetCore.Logs;

/// <summary>Records that are appended together, and whoever waits for it. Owned by the writer once it has taken it.</summary>
internal abstract class PendingAppend(EventStreamLogRecord[] records)
{
    private readonly TaskCompletionSource<EventStreamPosition[]> _positions = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _cancellation;
    private int _isTaken;

    public EventStreamLogRecord[] Records { get; } = records;

    public long Bytes { get; } = records.Sum(record => (long)record.Frame.Length);

    /// <summary>The timestamp after which it fails if the log is away.</summary>
    public long GiveUpAt { get; set; }

    /// <summary>Whether appending it twice appends it once.</summary>
    public bool IsRepeatable => Array.TrueForAll(Records, record => record.IsEnd || record.Metadata?.IdempotencyKey is not null);

    public Task<EventStreamPosition[]> Positions => _positions.Task;

    public void CancelBy(CancellationToken cancellationToken) => _cancellation = cancellationToken.UnsafeRegister(
        static (pending, token) =>
        {
            var append = (PendingAppend)pending!;
            if (append.TryTake()) append._positions.TrySetCanceled(token);
        },
        this);

    /// <summary>Takes it from whoever could still cancel it. False if it was cancelled.</summary>
    public bool TryTake() => Interlocked.Exchange(ref _isTaken, 1) == 0;

    public void Succeed(EventStreamPosition[] positions)
    {
        _cancellation.Dispose();
        Appended(positions);
        _positions.TrySetResult(positions);
    }

    public void Fail(Exception exception)
    {
        _cancellation.Dispose();
        _positions.TrySetException(exception);
    }

    /// <summary>Called in the order in which the appends are in the log, before those who wait go on.</summary>
    protected abstract void Appended(EventStreamPosition[] positions);
}
