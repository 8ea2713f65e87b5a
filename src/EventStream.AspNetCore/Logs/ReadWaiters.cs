namespace EventStream.AspNetCore.Logs;

/// <summary>Those who wait until a channel was read: each for a read that begins after it has asked.</summary>
internal sealed class ReadWaiters
{
    private readonly Lock _gate = new();

    // Both under _gate: who waits for a read that has not begun yet, and for the one that is under way.
    private TaskCompletionSource? _next;
    private TaskCompletionSource? _current;

    /// <summary>Completes at the end of the next read that begins.</summary>
    public Task Next()
    {
        lock (_gate) return (_next ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    /// <summary>A read begins, or goes on.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (_current is null) (_current, _next) = (_next, null);
        }
    }

    /// <summary>The read has reached the end.</summary>
    /// <returns>Whether others wait for the next.</returns>
    public bool End()
    {
        TaskCompletionSource? waiting;
        bool isWanted;
        lock (_gate) (waiting, _current, isWanted) = (_current, null, _next is not null);
        waiting?.TrySetResult();
        return isWanted;
    }
}
