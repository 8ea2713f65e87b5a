namespace EventStream.Testing.Timing;

/// <summary>A timer of a <see cref="FakeTime"/>, whose lock guards the timer's state.</summary>
internal sealed class FakeTimer(FakeTime time, TimerCallback callback, object? state) : ITimer
{
    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    /// <summary>When the timer fires next; null if it is not set.</summary>
    public TimeSpan? Due { get; set; }

    public TimeSpan Period { get; set; }

    /// <summary>Whether the timer was set with a due time of zero, and has not fired since.</summary>
    public bool IsAtOnce { get; set; }

    public bool IsDisposed { get; set; }

    public void Fire()
    {
        if (_context is null) callback(state);
        else ExecutionContext.Run(_context, callback.Invoke, state);
    }

    public bool Change(TimeSpan dueTime, TimeSpan period) => time.Set(this, dueTime, period);

    public void Dispose() => time.Remove(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
