namespace EventStream.AspNetCore.Diagnostics;

/// <summary>Keeps a frequent event from filling the log.</summary>
/// <remarks>The first is logged at once, and then one entry a minute with their number. Safe from any thread.</remarks>
/// <param name="time">The app's clock.</param>
internal sealed class LogPause(TimeProvider time)
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();

    // Both under _gate.
    private long? _loggedAt;
    private int _count;

    /// <summary>Counts an event.</summary>
    /// <returns>The number of events since the last entry, for the entry that is due now; null if none is due.</returns>
    public int? Count()
    {
        lock (_gate)
        {
            _count++;
            if (_loggedAt is { } loggedAt && time.GetElapsedTime(loggedAt) < Length) return null;
            var count = _count;
            (_loggedAt, _count) = (time.GetTimestamp(), 0);
            return count;
        }
    }
}
