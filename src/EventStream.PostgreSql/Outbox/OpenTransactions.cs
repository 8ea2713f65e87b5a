using EventStream.PostgreSql.Database;

namespace EventStream.PostgreSql.Outbox;

/// <summary>The callers' transactions in which this node has published, and which may still be open.</summary>
/// <remarks>
/// Each stays until the node sees that it has ended, and at most one <see cref="PostgreSqlLogOptions.PollInterval"/> after its last
/// message. The poll finds what is committed later. Publishers add to it on any thread; one loop does the rest.
/// </remarks>
internal sealed class OpenTransactions(LogDatabase database)
{
    private readonly SemaphoreSlim _added = new(0, 1);
    private readonly Lock _gate = new();

    // When the last message was published in each, by the transaction's id. Under _gate.
    private readonly Dictionary<ulong, long> _publishedAt = [];

    /// <summary>Takes note of a message that was published in a transaction.</summary>
    public void Add(ulong id)
    {
        lock (_gate)
        {
            _publishedAt[id] = database.Time.GetTimestamp();
            if (_added.CurrentCount == 0) _added.Release();
        }
    }

    /// <summary>Returns when there may be one.</summary>
    public Task AnyAsync(CancellationToken cancellationToken) => _added.WaitAsync(cancellationToken);

    /// <summary>Their ids.</summary>
    public ulong[] Ids()
    {
        lock (_gate) return [.. _publishedAt.Keys];
    }

    /// <summary>How long ago the last message was published in any; null: there is none.</summary>
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

    /// <summary>Takes out those that have ended.</summary>
    public void Remove(IEnumerable<ulong> ended)
    {
        lock (_gate)
        {
            foreach (var id in ended) _publishedAt.Remove(id);
        }
    }
}
