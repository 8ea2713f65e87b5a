using System.Collections.Concurrent;
using Npgsql;

namespace EventStream.PostgreSql.Outbox;

/// <summary>The sessions of the server in which callers publish, and whether the insertion may be prepared by name there.</summary>
/// <remarks>
/// A prepared insertion is not parsed and planned again, which is a large part of its cost. But behind a pooler the next transaction may
/// be in another session, where the statement does not exist. A pooler gives out process ids of its own. So each insertion
/// asks for the server's, and the next one on that connection is prepared if the two are equal. Safe from any thread.
/// </remarks>
internal sealed class CallerSessions
{
    // The process ids of sessions that have ended are not known. Beyond this, all are learned again.
    private const int MostKnown = 10_000;

    // By the process id that the connection was given.
    private readonly ConcurrentDictionary<int, bool> _canPrepare = [];

    /// <summary>Whether the insertion may be prepared. The first one in a session may not.</summary>
    public bool CanPrepare(NpgsqlConnection connection) => _canPrepare.GetValueOrDefault(connection.ProcessID);

    /// <summary>Takes note of the process that has answered.</summary>
    public void Answered(NpgsqlConnection connection, int process)
    {
        if (_canPrepare.ContainsKey(connection.ProcessID)) return;
        if (_canPrepare.Count >= MostKnown) _canPrepare.Clear();

        // Npgsql prepares nothing on a multiplexed connection.
        var isMultiplexed = new NpgsqlConnectionStringBuilder(connection.ConnectionString).Multiplexing;
        _canPrepare.TryAdd(connection.ProcessID, process == connection.ProcessID && !isMultiplexed);
    }

    /// <summary>Takes note that the session has lost the statement: by <c>DEALLOCATE</c>, or to a pooler that keeps process ids.</summary>
    public void Lost(NpgsqlConnection connection) => _canPrepare[connection.ProcessID] = false;
}
