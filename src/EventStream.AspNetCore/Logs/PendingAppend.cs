using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Logs;

/// <summary>Messages of one channel that are appended together, and the result for their publisher.</summary>
/// <remarks>When they are appended, they go into the ring of this node without reading them back.</remarks>
internal sealed class PendingAppend(LogBacking channel, RingEntry[] entries, EventStreamLogRecord[] records)
{
    private const int Waiting = 0, Taken = 1, Cancelled = 2;

    private readonly TaskCompletionSource<EventStreamPosition?[]> _positions = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationToken _token;
    private CancellationTokenRegistration _cancellation;

    // The log's exception for the first attempt with an unknown outcome. Owned by the writer.
    private EventStreamLogException? _unknown;
    private int _state;

    public string Channel => channel.Name;

    public EventStreamLogRecord[] Records { get; } = records;

    public long Bytes { get; } = records.Sum(record => (long)record.Frame.Length);

    /// <summary>The timestamp after which it fails if the log is unavailable.</summary>
    public long GiveUpAt { get; set; }

    /// <summary>Whether it can be tried again after an unknown outcome: each record has a key, or is an end.</summary>
    public bool IsRepeatable => Array.TrueForAll(Records, record => record.IsEnd || record.Metadata?.IdempotencyKey is not null);

    public Task<EventStreamPosition?[]> Positions => _positions.Task;

    public void CancelBy(CancellationToken cancellationToken)
    {
        _token = cancellationToken;
        _cancellation = cancellationToken.UnsafeRegister(static append => ((PendingAppend)append!).Cancel(), this);
    }

    /// <summary>Takes it for an append, after which its publisher cannot cancel it. False if it was cancelled before.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Waiting) != Cancelled;

    /// <summary>Lets its publisher cancel it again, unless the log may have it.</summary>
    /// <param name="exception">The log's exception; null if it was not tried.</param>
    public void GiveBack(EventStreamLogException? exception = null)
    {
        if (exception is { IsOutcomeUnknown: true }) _unknown ??= exception;
        if (_unknown is not null) return;
        Volatile.Write(ref _state, Waiting);

        // A cancellation meanwhile was ignored, and a token calls back only once.
        if (_token.IsCancellationRequested) Cancel();
    }

    /// <summary>Completes it with its positions. Called in the order of the channel's appends in the log.</summary>
    public void Succeed(EventStreamPosition?[] positions)
    {
        _cancellation.Dispose();
        channel.Take(entries, Records, positions);
        _positions.TrySetResult(positions);
    }

    public void Fail(Exception exception)
    {
        _cancellation.Dispose();

        // The result of a later attempt does not tell whether an earlier one was appended, so the outcome stays unknown.
        _positions.TrySetException(_unknown ?? exception);
    }

    /// <summary>Ends the publisher's wait.</summary>
    /// <returns>The publisher's exception, which tells whether the message may still be published.</returns>
    public Exception Abandon()
    {
        var isTaken = Interlocked.CompareExchange(ref _state, Cancelled, Waiting) == Taken;
        var exception = new EventStreamLogException(
            $"The log did not answer in time. {(isTaken ? "The message may still be published." : "The message is not published.")}",
            _unknown)
        {
            IsTransient = true,
            IsOutcomeUnknown = isTaken,
        };
        return _token.IsCancellationRequested ? new OperationCanceledException(exception.Message, exception, _token) : exception;
    }

    private void Cancel()
    {
        if (Interlocked.CompareExchange(ref _state, Cancelled, Waiting) == Waiting) _positions.TrySetCanceled(_token);
    }
}
