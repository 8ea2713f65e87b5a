using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Logs;

/// <summary>
/// Messages of one channel that are appended together, and whoever waits for it. This node's own subscribers get them without reading them
/// back.
/// </summary>
internal sealed class PendingAppend(LogBacking channel, RingEntry[] entries, EventStreamLogRecord[] records)
{
    private const int Waiting = 0, Taken = 1, Cancelled = 2;

    private readonly TaskCompletionSource<EventStreamPosition?[]> _positions = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationToken _token;
    private CancellationTokenRegistration _cancellation;

    // What the log answered to the first attempt that may have appended it. Owned by the writer.
    private EventStreamLogException? _unknown;
    private int _state;

    public string Channel => channel.Name;

    public EventStreamLogRecord[] Records { get; } = records;

    public long Bytes { get; } = records.Sum(record => (long)record.Frame.Length);

    /// <summary>The timestamp after which it fails if the log is away.</summary>
    public long GiveUpAt { get; set; }

    /// <summary>Whether appending it twice appends it once.</summary>
    public bool IsRepeatable => Array.TrueForAll(Records, record => record.IsEnd || record.Metadata?.IdempotencyKey is not null);

    public Task<EventStreamPosition?[]> Positions => _positions.Task;

    public void CancelBy(CancellationToken cancellationToken)
    {
        _token = cancellationToken;
        _cancellation = cancellationToken.UnsafeRegister(static append => ((PendingAppend)append!).Cancel(), this);
    }

    /// <summary>From now on its publisher cannot cancel it. False if the publisher has.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Waiting) != Cancelled;

    /// <summary>Lets its publisher cancel it again, unless it may be in the log.</summary>
    /// <param name="exception">What the log answered; null: it was not tried.</param>
    public void GiveBack(EventStreamLogException? exception = null)
    {
        if (exception is { IsOutcomeUnknown: true }) _unknown ??= exception;
        if (_unknown is not null) return;
        Volatile.Write(ref _state, Waiting);

        // A cancellation that came meanwhile was ignored, and comes once.
        if (_token.IsCancellationRequested) Cancel();
    }

    /// <summary>Called in the order in which the appends of the channel are in the log.</summary>
    public void Succeed(EventStreamPosition?[] positions)
    {
        _cancellation.Dispose();
        channel.Take(entries, Records, positions);
        _positions.TrySetResult(positions);
    }

    public void Fail(Exception exception)
    {
        _cancellation.Dispose();

        // The answer to a later attempt does not say whether an earlier one was appended, so its unknown outcome stays.
        _positions.TrySetException(_unknown ?? exception);
    }

    /// <summary>Ends the publisher's wait.</summary>
    /// <returns>The exception for the publisher: the message is not published, or may be.</returns>
    public Exception Abandon()
    {
        var isOnItsWay = Interlocked.CompareExchange(ref _state, Cancelled, Waiting) == Taken;
        var exception = new EventStreamLogException(
            $"The log has not answered in time. The message {(isOnItsWay ? "may be" : "is not")} published.",
            _unknown)
        {
            IsTransient = true,
            IsOutcomeUnknown = isOnItsWay,
        };
        return _token.IsCancellationRequested ? new OperationCanceledException(exception.Message, exception, _token) : exception;
    }

    private void Cancel()
    {
        if (Interlocked.CompareExchange(ref _state, Cancelled, Waiting) == Waiting) _positions.TrySetCanceled(_token);
    }
}
