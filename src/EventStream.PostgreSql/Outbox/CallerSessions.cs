using System.Collections.Concurrent;
using Npgsql;

namespace EventStream.PostgreSql.Outbox;

/// <summary>Tracks in which of the app's sessions the insertion may be prepared by name.</summary>
/// <remarks>
/// A prepared insertion is not parsed and planned again, which is a large part of its cost. But behind a pooler the next transaction may
/// run in another session, where the statement does not exist. A pooler hands out its own process ids. So each insertion asks for the
/// server's process id. The next one on that connection is prepared if the two ids are equal. Safe from any thread.
/// </remarks>
internal sealed class CallerSessions
{
    // The node does not learn when a session ends, so the table is cleared at this size.
    private const int MostKnown = 10_000;

    // By the connection's process id.
    private readonly ConcurrentDictionary<int, bool> _canPrepare = [];

    /// <summary>Whether the insertion may be prepared; false for the first one in a session.</summary>
    public bool CanPrepare(NpgsqlConnection connection) => _canPrepare.GetValueOrDefault(connection.ProcessID);

    /// <summary>Records the process that has answered.</summary>
    public void Answered(NpgsqlConnection connection, int process)
    {
        if (_canPrepare.ContainsKey(connection.ProcessID)) return;
        if (_canPrepare.Count >= MostKnown) _canPrepare.Clear();

        // Npgsql cannot prepare on a multiplexed connection.
        var isMultiplexed = new NpgsqlConnectionStringBuilder(connection.ConnectionString).Multiplexing;
        _canPrepare.TryAdd(connection.ProcessID, process == connection.ProcessID && !isMultiplexed);
    }

    /// <summary>Records that the session no longer has the statement.</summary>
    /// <remarks>The app executed <c>DEALLOCATE</c>, or a pooler that keeps process ids replaced the session.</remarks>
    public void Lost(NpgsqlConnection connection) => _canPrepare[connection.ProcessID] = false;
}
