using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Logs;

/// <summary>Messages of one channel that are appended together, and whoever waits for it. This node's own subscribers get them without reading them back.</summary>
internal sealed class PendingAppend(DurableChannel channel, LogEntry[] entries, EventStreamLogRecord[] records)
{
    private const int Waiting = 0, Taken = 1, Cancelled = 2;

    private readonly TaskCompletionSource<EventStreamPosition[]> _positions = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _cancellation;
    private int _state;

    public string Channel => channel.Name;

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
            if (Interlocked.CompareExchange(ref append._state, Cancelled, Waiting) == Waiting) append._positions.TrySetCanceled(token);
        },
        this);

    /// <summary>Takes it from whoever could still cancel it. False if it was cancelled.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Waiting) != Cancelled;

    /// <summary>Called in the order in which the appends of the channel are in the log.</summary>
    public void Succeed(EventStreamPosition[] positions)
    {
        _cancellation.Dispose();
        channel.Take(entries, Records, positions);
        _positions.TrySetResult(positions);
    }

    public void Fail(Exception exception)
    {
        _cancellation.Dispose();
        _positions.TrySetException(exception);
    }
}
