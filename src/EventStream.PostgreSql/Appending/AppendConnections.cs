using EventStream.PostgreSql.Database;

namespace EventStream.PostgreSql.Appending;

/// <summary>Keeps connections for appends, and returns idle ones to the pool.</summary>
/// <remarks>The pool closes connections that are old or dead; a kept one would escape that. Safe from any thread.</remarks>
internal sealed class AppendConnections : IDisposable
{
    /// <summary>How many are kept: as many appends as a node usually has at a time. Further appends use the pool.</summary>
    private const int MostKept = 2;

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    private readonly LogDatabase _database;
    private readonly ITimer _sweep;
    private readonly Lock _gate = new();

    // The three fields are guarded by _gate. The list is used as a stack, so that idle connections stay idle and are returned.
    private readonly List<AppendConnection> _kept = [];
    private bool _isSweeping;
    private bool _isClosed;

    public AppendConnections(LogDatabase database)
    {
        _database = database;
        _sweep = database.Time.CreateTimer(
            static connections => ((AppendConnections)connections!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Runs work on a connection, and again on another one where a retry is safe and may help.</summary>
    /// <exception cref="EventStreamLogException">The work failed.</exception>
    public ValueTask<T> RunAsync<T>(Func<AppendConnection, CancellationToken, ValueTask<T>> attempt, CancellationToken cancellationToken) =>
        _database.RunAsync(
            LogWork.Append,
            async token =>
            {
                var connection = Take() ?? new AppendConnection(_database, await _database.OpenAsync(token));
                try
                {
                    var result = await attempt(connection, token);
                    if (!connection.IsClean || !TryKeep(connection)) await connection.DisposeAsync();
                    return result;
                }
                catch
                {
                    // The same fault, such as a restart of the server, may have broken all kept connections.
                    Drop();
                    await connection.DisposeAsync();
                    throw;
                }
            },
            cancellationToken);

    public void Dispose()
    {
        lock (_gate) _isClosed = true;
        _sweep.Dispose();
        Drop();
    }

    private AppendConnection? Take()
    {
        while (Pop() is { } connection)
        {
            if (connection.IsOpen) return connection;
            connection.Dispose();
        }

        return null;
    }

    private bool TryKeep(AppendConnection connection)
    {
        connection.Answered();
        lock (_gate)
        {
            if (_isClosed || _kept.Count == MostKept) return false;
            _kept.Add(connection);
            SweepLater();
            return true;
        }
    }

    private void Drop()
    {
        while (Pop() is { } connection) connection.Dispose();
    }

    private AppendConnection? Pop()
    {
        lock (_gate)
        {
            if (_kept.Count == 0) return null;
            var connection = _kept[^1];
            _kept.RemoveAt(_kept.Count - 1);
            return connection;
        }
    }

    private void Sweep()
    {
        List<AppendConnection> silent;
        lock (_gate)
        {
            _isSweeping = false;
            silent = _kept.FindAll(connection => !connection.IsTrusted);
            _kept.RemoveAll(silent.Contains);
            if (_kept.Count > 0) SweepLater();
        }

        foreach (var connection in silent) connection.Dispose();
    }

    // Under _gate.
    private void SweepLater()
    {
        if (_isSweeping) return;
        _isSweeping = true;
        _sweep.Change(Silence, Timeout.InfiniteTimeSpan);
    }
}
