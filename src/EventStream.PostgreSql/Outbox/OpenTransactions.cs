using EventStream.PostgreSql.Database;

namespace EventStream.PostgreSql.Outbox;

/// <summary>The app's transactions in which this node has published, and which may still be open.</summary>
/// <remarks>
/// A transaction is removed when the node sees that it has ended, at the latest one <see cref="PostgreSqlLogOptions.PollInterval"/> after
/// its last message. The poll finds messages that are committed later. Publishers call <see cref="Add"/> on any thread; the
/// <see cref="Sequencer"/>'s loop calls the rest.
/// </remarks>
internal sealed class OpenTransactions(LogDatabase database)
{
    private readonly SemaphoreSlim _added = new(0, 1);
    private readonly Lock _gate = new();

    // The time of each transaction's last message, by the transaction's id. Guarded by _gate.
    private readonly Dictionary<ulong, long> _publishedAt = [];

    /// <summary>Records a message that was published in a transaction.</summary>
    public void Add(ulong id)
    {
        lock (_gate)
        {
            _publishedAt[id] = database.Time.GetTimestamp();
            if (_added.CurrentCount == 0) _added.Release();
        }
    }

    /// <summary>Completes when there may be a transaction.</summary>
    public Task AnyAsync(CancellationToken cancellationToken) => _added.WaitAsync(cancellationToken);

    /// <summary>The transactions' ids.</summary>
    public ulong[] Ids()
    {
        lock (_gate) return [.. _publishedAt.Keys];
    }

    /// <summary>The time since the last message in any transaction; null if there is no transaction.</summary>
    public TimeSpan? Age()
    {
        var now = database.Time.GetTimestamp();
        lock (_gate)
        {
            foreach (var (id, publishedAt) in _publishedAt)
            {
                if (database.Time.GetElapsedTime(publishedAt, now) >= database.Options.PollInterval) _publishedAt.Remove(id);
            }

            return _publishedAt.Count == 0 ? null : database.Time.GetElapsedTime(_publishedAt.Values.Max(), now);
        }
    }

    /// <summary>Removes transactions that have ended.</summary>
    public void Remove(IEnumerable<ulong> ended)
    {
        lock (_gate)
        {
            foreach (var id in ended) _publishedAt.Remove(id);
        }
    }
}
