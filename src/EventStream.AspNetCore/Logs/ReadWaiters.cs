namespace EventStream.AspNetCore.Logs;

/// <summary>Callers that wait until a channel was read, each for a read that begins after its call.</summary>
internal sealed class ReadWaiters
{
    private readonly Lock _gate = new();

    // Both under _gate: completed by the next read, which has not begun, and by the read that is running.
    private TaskCompletionSource? _next;
    private TaskCompletionSource? _current;

    /// <summary>Returns a task that completes at the end of the next read that begins.</summary>
    public Task Next()
    {
        lock (_gate) return (_next ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    /// <summary>Marks the begin of a read, or of its next page.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (_current is null) (_current, _next) = (_next, null);
        }
    }

    /// <summary>Marks that the read has reached the end of the channel.</summary>
    /// <returns>Whether callers wait for another read.</returns>
    public bool End()
    {
        TaskCompletionSource? waiting;
        bool isWanted;
        lock (_gate) (waiting, _current, isWanted) = (_current, null, _next is not null);
        waiting?.TrySetResult();
        return isWanted;
    }
}
