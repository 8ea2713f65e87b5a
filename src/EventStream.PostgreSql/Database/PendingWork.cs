namespace EventStream.PostgreSql.Database;

/// <summary>Tracks the work that waits for the database.</summary>
/// <remarks>A slow answer counts as a fault before any timeout ends the wait. Safe from any thread.</remarks>
internal sealed class PendingWork(TimeProvider time)
{
    /// <summary>How long a read or write may take before the node counts as late.</summary>
    public static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();

    // Guarded by _gate. The oldest is first, because work is added when it begins.
    private readonly LinkedList<(LogWork Work, long Since)> _waiting = [];

    /// <summary>The work that has waited for too long; null if there is none.</summary>
    public string? Fault
    {
        get
        {
            lock (_gate)
            {
                if (_waiting.First is not { } oldest) return null;
                var (work, since) = oldest.Value;
                var waited = time.GetElapsedTime(since);
                if (waited < AnswerLimit) return null;
                return $"The database has not answered the work {work} for {waited.TotalSeconds:0} s, so subscribers get messages late. "
                    + "Check the network, the size of the connection pool, and the load of the server.";
            }
        }
    }

    /// <summary>Tracks a work until the result is disposed of.</summary>
    public Wait Begin(LogWork work)
    {
        // No subscriber waits for a deletion.
        if (work == LogWork.Retention) return default;
        lock (_gate) return new(this, _waiting.AddLast((work, time.GetTimestamp())));
    }

    private void End(LinkedListNode<(LogWork Work, long Since)> wait)
    {
        lock (_gate) _waiting.Remove(wait);
    }

    /// <summary>A work that waits.</summary>
    public readonly struct Wait(PendingWork owner, LinkedListNode<(LogWork Work, long Since)> place) : IDisposable
    {
        public void Dispose() => owner?.End(place);
    }
}
