namespace EventStream.PostgreSql.Database;

/// <summary>The work that waits for the database now.</summary>
/// <remarks>An answer that takes long is a fault before any timeout says so. Safe from any thread.</remarks>
internal sealed class Unanswered(TimeProvider time)
{
    /// <summary>How long subscribers may wait for what is read or written before the node counts as late.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();

    // Under _gate: the oldest first, because each is added when it begins.
    private readonly LinkedList<(LogWork Work, long Since)> _waiting = [];

    /// <summary>What has waited for too long; null: nothing has.</summary>
    public string? Fault
    {
        get
        {
            lock (_gate)
            {
                if (_waiting.First is not { } oldest) return null;
                var (work, since) = oldest.Value;
                var waited = time.GetElapsedTime(since);
                if (waited < Patience) return null;
                return $"The database has not answered the work {work} for {waited.TotalSeconds:0} s, so subscribers get messages late. "
                    + "Check the network, the size of the connection pool, and the load of the server.";
            }
        }
    }

    /// <summary>Counts a work as waiting until the result is disposed of.</summary>
    public Wait Begin(LogWork work)
    {
        // No subscriber waits for what is deleted.
        if (work == LogWork.Retention) return default;
        lock (_gate) return new(this, _waiting.AddLast((work, time.GetTimestamp())));
    }

    private void End(LinkedListNode<(LogWork Work, long Since)> wait)
    {
        lock (_gate) _waiting.Remove(wait);
    }

    /// <summary>A work that waits.</summary>
    public readonly struct Wait(Unanswered owner, LinkedListNode<(LogWork Work, long Since)> place) : IDisposable
    {
        public void Dispose() => owner?.End(place);
    }
}
